from datetime import UTC, datetime, timedelta

import pytest

from shared.contracts.base import Envelope
from shared.db import rows
from shared.ids import new_id
from shared.testing.messages import deliver, envelope_of
from tests import factories as a
from warehouse.facts import models
from warehouse.intake.models import StagedMessage

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("message", "kind", "change"),
    [
        (a.earned(120), "earned", 120),
        (a.redeemed(-300), "redeemed", -300),
        (a.expired(-10), "expired", -10),
        (a.adjusted(-7), "adjusted", -7),
        (a.returned(-40, deficit=15), "returned", -40),
        (a.restored(60), "restored", 60),
    ],
)
def test_a_movement_of_points_becomes_one_entry(message, kind, change):
    deliver(message)

    fact = models.FactPointsEntry.objects.get()
    assert (fact.transaction_id, fact.member_id, fact.kind, fact.change) == (
        message.transaction_id,
        a.MEMBER,
        kind,
        change,
    )
    assert (fact.posted_at, fact.date_key, fact.balance) == (a.NOON, 20261123, 1000)


def test_what_only_some_movements_say_is_kept():
    end = datetime(2027, 11, 23, tzinfo=UTC)

    deliver(a.earned(expires_at=end), a.adjusted(reason="goodwill"), a.returned(deficit=15))

    facts = {fact.kind: fact for fact in models.FactPointsEntry.objects.all()}
    assert (facts["earned"].expires_at, facts["adjusted"].reason, facts["returned"].deficit) == (end, "goodwill", 15)


def test_a_captured_payment_becomes_an_event_with_both_amounts():
    message = a.captured(12000, money_amount=11500)

    deliver(message)

    fact = models.FactPaymentEvent.objects.get()
    assert (fact.event_id, fact.kind, fact.amount, fact.money_amount) == (message.payment_id, "captured", 12000, 11500)
    assert (fact.currency, fact.order_id, fact.event_at) == ("EUR", "order-1", a.NOON)


def test_a_refund_may_come_before_its_payment():
    payment = a.captured(12000)

    deliver(a.refunded(2000, payment_id=payment.payment_id))
    deliver(payment)

    kinds = models.FactPaymentEvent.objects.filter(payment_id=payment.payment_id).values_list("kind", "amount")
    assert set(kinds) == {("captured", 12000), ("refunded", 2000)}


def test_a_payment_may_fail_more_than_once():
    payment_id = new_id()

    deliver(a.failed(700, payment_id=payment_id), a.failed(700, payment_id=payment_id, code="insufficient_funds"))

    codes = models.FactPaymentEvent.objects.filter(kind="failed").values_list("failure_code", flat=True)
    assert set(codes) == {"card_declined", "insufficient_funds"}


def test_a_wallet_entry_becomes_a_fact():
    message = a.wallet_changed(-500, kind="payment", balance=100)

    deliver(message)

    fact = models.FactWalletEntry.objects.get()
    assert (fact.entry_id, fact.kind, fact.amount, fact.currency, fact.balance) == (
        message.entry_id,
        "payment",
        -500,
        "EUR",
        100,
    )


def test_the_life_of_a_voucher_becomes_four_events():
    voucher, redemption = new_id(), new_id()

    deliver(
        a.voucher_issued(voucher_id=voucher),
        a.voucher_redeemed(voucher_id=voucher, redemption_id=redemption),
        a.voucher_released(voucher_id=voucher, redemption_id=redemption),
        a.voucher_cancelled(voucher_id=voucher),
    )

    events = models.FactVoucherEvent.objects.values_list("event_id", "kind", "price_points", "discount")
    assert set(events) == {
        (voucher, "issued", 300, None),
        (redemption, "redeemed", None, 500),
        (redemption, "released", None, None),
        (voucher, "cancelled", 300, None),
    }


@pytest.mark.parametrize("message", a.one_of_each(), ids=lambda message: message.NAME)
def test_a_message_that_comes_twice_is_one_row_and_one_fact(message):
    envelope = envelope_of(message)

    deliver(envelope, envelope)
    once = _facts()
    deliver(envelope)

    assert StagedMessage.objects.count() == 1
    assert _facts() == once


def test_the_same_change_told_again_in_another_message_is_still_one_fact():
    message = a.earned(120)

    deliver(message)
    deliver(message)

    assert StagedMessage.objects.count() == 2
    assert models.FactPointsEntry.objects.count() == 1


def test_a_fact_before_its_dimensions_infers_them_and_they_are_filled_in_later():
    deliver(a.earned(), a.captured(), a.voucher_issued())
    inferred = models.DimMember.objects.get().is_inferred, models.DimMerchant.objects.get().name
    deliver(a.user_registered(), a.merchant_created(), a.programme_changed(), a.campaign_changed())

    assert inferred == (True, "")
    member = models.DimMember.objects.get()
    assert (member.is_inferred, member.roles, member.registered_at) == (False, ["member"], a.NOON)
    assert models.DimMerchant.objects.get().name == "Shoe shop"
    assert models.DimProgramme.objects.get().name == "Everyday"
    assert models.DimCampaign.objects.get().name == "Five off"
    assert models.FactPointsEntry.objects.get().member_key == member.member_key


@pytest.mark.parametrize("is_first", [True, False])
def test_who_was_deactivated_is_so_in_whatever_order_it_is_said(is_first: bool):
    said = [a.user_deactivated(), a.user_registered()]

    for message in said if is_first else reversed(said):
        deliver(message)
    deliver(a.user_deactivated(deactivated_at=a.NOON + timedelta(hours=1)))

    member = models.DimMember.objects.get()
    assert (member.is_inferred, member.roles, member.registered_at) == (False, ["member"], a.NOON)
    assert member.deactivated_at == a.NOON


def test_an_older_state_of_a_programme_that_comes_late_changes_nothing():
    deliver(a.programme_changed(name="New"))
    deliver(a.programme_changed(name="Old", changed_at=a.NOON - timedelta(hours=1)))

    assert models.DimProgramme.objects.get().name == "New"


def test_the_newest_of_several_states_in_one_pack_stays():
    later = a.NOON + timedelta(hours=1)

    deliver(a.campaign_changed(status="ended", changed_at=later), a.campaign_changed(status="active"))

    assert models.DimCampaign.objects.get().status == "ended"


def test_a_fact_carries_the_version_of_the_member_that_was_valid_then():
    deliver(a.user_registered())
    first = models.DimMember.objects.get()
    end = first.valid_to
    models.DimMember.objects.update(valid_to=a.NOON)
    second = models.DimMember.objects.create(
        member_id=a.MEMBER, roles=["member", "merchant"], is_inferred=False, valid_from=a.NOON, valid_to=end
    )

    deliver(a.earned(1, at=a.NOON - timedelta(microseconds=1)), a.earned(2, at=a.NOON))

    keys = dict(models.FactPointsEntry.objects.values_list("change", "member_key"))
    assert keys == {1: first.member_key, 2: second.member_key}


def test_a_message_that_nobody_knows_is_kept_as_it_came():
    unknown = Envelope(
        id=new_id(),
        name="tier_changed",
        version=3,
        producer="points",
        occurred_at=a.NOON,
        correlation_id="journey-0001",
        causation_id="",
        payload={"tier": "gold", "deep": [{"er": 1}]},
    )

    receipt = deliver(unknown)

    assert receipt.done == [unknown.id]
    staged = StagedMessage.objects.get()
    assert (staged.name, staged.version, staged.is_readable) == ("tier_changed", 3, False)
    assert staged.payload == {"tier": "gold", "deep": [{"er": 1}]}


def test_a_message_that_lacks_a_field_is_kept_and_the_rest_of_its_pack_has_its_effect():
    whole, broken = envelope_of(a.earned(120)), envelope_of(a.earned(5))
    del broken.payload["member_id"]

    deliver(whole, broken)

    assert StagedMessage.objects.filter(is_readable=False).count() == 1
    assert [fact.change for fact in models.FactPointsEntry.objects.all()] == [120]


def test_every_fact_has_its_rows_in_every_dimension():
    deliver(*a.one_of_each())

    orphans = rows(
        "SELECT count(*) FROM fact_points_entry LEFT JOIN dim_date USING (date_key)"
        " LEFT JOIN dim_member USING (member_key) LEFT JOIN dim_programme USING (programme_key)"
        " WHERE dim_date.day IS NULL OR dim_member.member_id IS NULL OR dim_programme.programme_id IS NULL"
    )
    assert orphans == [(0,)]
    assert models.FactPointsEntry.objects.count() == 12


def _facts() -> list[tuple[object, ...]]:
    return rows(
        "SELECT t::text FROM fact_points_entry t UNION ALL SELECT t::text FROM fact_payment_event t"
        " UNION ALL SELECT t::text FROM fact_wallet_entry t UNION ALL SELECT t::text FROM fact_voucher_event t"
        " UNION ALL SELECT t::text FROM fact_points_rule t UNION ALL SELECT t::text FROM dim_rule t"
    )
