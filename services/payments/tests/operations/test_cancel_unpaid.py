"""Intents that nobody paid for a day are given up."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from payments.intents import writes
from payments.intents.models import IntentMove, PaymentIntent
from payments.intents.operations.intents import cancel_unpaid
from payments.intents.rules import UNPAID_FOR
from payments.intents.tasks import cancel_unpaid_intents
from shared import clock
from shared.testing.actors import Actor
from tests.factories import DECLINED_CARD, INTENTS, by_card, make_payment, order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop", "wallet")]

SECOND = timedelta(seconds=1)


def make(member: Actor, **body: Any) -> str:
    return str(member.post(INTENTS, order(1000, **body)).json().get("id", ""))


def test_what_was_not_paid_within_a_day_is_canceled_and_the_rest_stays(member: Actor) -> None:
    at = clock.now()
    with time_machine.travel(at, tick=False):
        old = make(member, confirm=False)
        make(member, tender=by_card(DECLINED_CARD))
        paid = make_payment(member)["id"]
    with time_machine.travel(at + SECOND, tick=False):
        young = make(member, confirm=False)

    assert cancel_unpaid(older_than=at, at=at + UNPAID_FOR) == 2

    statuses = {str(intent.id): intent.status for intent in PaymentIntent.objects.all()}
    assert (statuses[old], statuses[paid], statuses[young]) == ("canceled", "succeeded", "requires_confirmation")
    moves = IntentMove.objects.filter(to_status="canceled").values_list("from_status", "at")
    assert sorted(moves) == [("failed", at + UNPAID_FOR), ("requires_confirmation", at + UNPAID_FOR)]


def test_any_number_are_canceled_some_at_a_time(member: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writes, "_CANCELED_AT_ONCE", 2)
    at = clock.now()
    with time_machine.travel(at, tick=False):
        for _ in range(5):
            make(member, confirm=False)

    with time_machine.travel(at + UNPAID_FOR - SECOND, tick=False):
        assert cancel_unpaid_intents() == 0
    with time_machine.travel(at + UNPAID_FOR, tick=False):
        assert cancel_unpaid_intents() == 5
        assert cancel_unpaid_intents() == 0
