from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shared.contracts.base import Contract
from shared.contracts.routes import ROUTES
from shared.ids import new_id
from shared.messaging.inbox import handlers
from shared.testing.messages import deliver, envelope_of, examples_for
from shared.tokens.models import Revocation
from tests import factories as a
from warehouse.facts.models import FactPaymentEvent, FactPointsEntry
from warehouse.intake.models import StagedMessage

pytestmark = pytest.mark.django_db


def test_every_message_there_is_has_a_route_to_the_warehouse_but_what_a_service_says_to_itself():
    elsewhere = {contract.NAME for contract, consumers in ROUTES.items() if "warehouse" not in consumers}

    assert elsewhere <= {"generate_codes", "import_rows", "expire_lots", "backtest_purchases", "clock_reached"}


def test_every_route_to_the_warehouse_is_in_these_tests():
    routed = {contract.NAME for contract, consumers in ROUTES.items() if "warehouse" in consumers}

    assert {message.NAME for message in a.one_of_each()} == routed


def test_every_message_has_a_handler():
    assert Contract in handlers()


@pytest.mark.parametrize("message", a.one_of_each(), ids=lambda message: message.NAME)
def test_every_message_is_staged_whole(message):
    envelope = envelope_of(message)

    receipt = deliver(envelope)

    assert (receipt.done, receipt.failed, receipt.unknown) == ([envelope.id], {}, {})
    staged = StagedMessage.objects.get()
    assert (staged.message_id, staged.name, staged.occurred_at) == (envelope.id, message.NAME, envelope.occurred_at)
    assert (staged.payload, staged.correlation_id, staged.is_readable) == (message.payload(), "journey-0001", True)


def test_a_revocation_is_staged_and_obeyed():
    deliver(a.earned(), a.sessions_revoked(), a.captured())

    assert Revocation.objects.get().user_id == a.MEMBER
    assert StagedMessage.objects.count() == 3


def test_a_pack_of_five_hundred_mixed_messages_has_every_effect_once():
    pack = [envelope_of(message) for _ in range(28) for message in a.one_of_each()][:500]

    deliver(*pack)
    deliver(*pack)

    expected = [envelope.name for envelope in pack]
    assert StagedMessage.objects.count() == 500
    # A notice moves nothing.
    moving = [name for name in expected if name.startswith("points_") and name != "points_expiring"]
    assert FactPointsEntry.objects.count() == len(moving)
    assert FactPaymentEvent.objects.count() == sum(name.startswith("payment_") for name in expected)


def test_a_pack_of_five_hundred_takes_no_more_queries_than_a_pack_of_one_of_each():
    few = _queries_of(a.one_of_each())
    many = _queries_of([message for _ in range(28) for message in _for_many_members()])

    assert many == few


def _for_many_members() -> list[Contract]:
    member, merchant = new_id(), new_id()
    return [
        a.user_registered(user_id=member),
        a.merchant_staff_changed(user_id=member, merchant_id=merchant),
        a.sessions_revoked(user_id=member),
        a.key_retired(kid=str(member)),
        a.merchant_created(merchant_id=merchant),
        a.programme_changed(),
        a.campaign_changed(),
        a.wallet_changed(member_id=member),
        a.captured(merchant_id=merchant, member_id=member),
        *(a.earned(member_id=member) for _ in range(9)),
        a.clock_moved(),
        a.voucher_issued(member_id=member),
        a.day_totals(day=a.DAY - timedelta(days=1)),
    ]


def _queries_of(messages: list[Contract]) -> int:
    envelopes = [envelope_of(message) for message in messages]
    with CaptureQueriesContext(
        connection,
    ) as captured:
        deliver(*envelopes)
    return len(captured)


def test_every_stored_example_is_readable_here_and_has_its_effect_once():
    examples = [envelope_of(message) for message in examples_for("warehouse")]

    deliver(*examples)
    deliver(*examples)

    assert StagedMessage.objects.filter(is_readable=True).count() == len(examples)
    assert set(FactPointsEntry.objects.values_list("kind", flat=True)) == {
        "earned",
        "redeemed",
        "expired",
        "adjusted",
        "returned",
        "restored",
        "sent",
        "received",
        "reinstated",
        "pending",
        "activated",
        "cancelled",
    }
    assert set(FactPaymentEvent.objects.values_list("kind", flat=True)) == {"captured", "refunded", "failed"}
