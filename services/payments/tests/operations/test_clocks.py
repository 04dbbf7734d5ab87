"""The installation's clock is ahead: what people see says so, and what only machines see goes on."""

from typing import Any

import pytest

from payments.intents.models import PaymentIntent
from payments.intents.tasks import cancel_unpaid_intents
from payments.ledger.models import LedgerTransaction
from payments.wallets.models import Wallet
from shared import clock
from shared.idempotency.models import IdempotencyRecord
from shared.messaging.models import OutboxMessage, PublishedMessage
from shared.messaging.tasks import purge
from shared.testing.actors import Actor
from tests.factories import INTENTS, by_card, make_payment, order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
SEEN = [
    (Wallet, "created_at"), (PaymentIntent, "created_at"), (PaymentIntent, "captured_at"),
    (LedgerTransaction, "posted_at"), (PublishedMessage, "occurred_at"),
]  # fmt: skip


@pytest.mark.usefixtures("ahead")
def test_what_people_see_is_of_the_installations_time(member: Actor) -> None:
    before = clock.now()
    assert member.post("/api/v1/wallets", {"currency": "EUR"}).status_code == 201
    make_payment(member, 1000, tender=by_card())

    for model, name in SEEN:
        times = list(model._default_manager.values_list(name, flat=True))
        assert times
        assert all(before <= at <= clock.now() for at in times), (model, name)


@pytest.mark.usefixtures("ahead")
def test_a_key_and_a_message_are_of_the_machines_time(member: Actor) -> None:
    body = order(1000, tender=by_card())
    first = member.post(INTENTS, body, key="once")

    assert not OutboxMessage.objects.filter(next_attempt_at__gt=clock.machine_now()).exists()
    OutboxMessage.objects.all().delete()
    assert set(purge().values()) == {0}
    again = member.post(INTENTS, body, key="once")
    assert (again.content, again["Idempotent-Replayed"]) == (first.content, "true")
    assert IdempotencyRecord.objects.get().created_at <= clock.machine_now()


def test_what_nobody_paid_is_given_up_when_the_installations_clock_says_so(member: Actor, request: Any) -> None:
    made = member.post(INTENTS, order(1000, confirm=False)).json()["id"]
    assert cancel_unpaid_intents() == 0
    request.getfixturevalue("ahead")

    young = member.post(INTENTS, order(1000, confirm=False, order_id="order-young")).json()["id"]

    assert cancel_unpaid_intents() == 1
    statuses = {str(id_): status for id_, status in PaymentIntent.objects.values_list("id", "status")}
    assert (statuses[made], statuses[young]) == ("canceled", "requires_confirmation")
