"""What falls due by the installation's time, and when next."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings

from payments.due import DUE
from payments.intents.models import PaymentIntent
from payments.intents.operations.cards import begin_card_payment
from payments.intents.operations.refunds import begin_refund
from payments.intents.rules import UNPAID_FOR, Order
from payments.provider.rules import Card
from payments.wallets.operations import begin_topup, open_wallet
from shared import clock
from shared.contracts.totals import LedgerDayTotals
from shared.ids import new_id
from shared.money import Money
from shared.testing.actors import Actor
from shared.testing.messages import published
from shared.testing.roles import MERCHANT_ID
from tests.factories import DECLINED_CARD, INTENTS, LOST_ANSWER_CARD, by_card, card, make_payment, make_wallet, order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop", "wallet")]
LOST = Card(**card(LOST_ANSWER_CARD))
MOMENT = timedelta(microseconds=1)
KINDS = {one.kind: one for one in DUE}


@pytest.fixture
def at() -> datetime:
    return clock.now()


def after() -> timedelta:
    return timedelta(seconds=settings.RESOLVE_AFTER_SECONDS)


def check(kind: str, *, at: datetime, due: datetime, count: int = 1) -> None:
    """Check that so many are due at an instant, none before, and none after they were done."""
    one = KINDS[kind]
    assert one.next(at) == due
    assert one.run(due - MOMENT) == 0
    assert one.run(due) == count
    assert (one.next(at), one.run(due)) == (None, 0)


def test_nothing_is_due_where_there_is_nothing(at: datetime) -> None:
    assert [one.next(at) for one in DUE] == [None] * len(DUE)


def test_a_topup_whose_answer_was_lost(member: Actor, at: datetime) -> None:
    wallet = open_wallet(member_id=member.id, currency="EUR", at=at)
    begin_topup(wallet, amount=Money(100, "EUR"), card=LOST, at=at)

    check("topups_resolved", at=at, due=at + after())


def test_an_attempt_whose_answer_was_lost(member: Actor, at: datetime) -> None:
    asked = Order(MERCHANT_ID, member.id, str(new_id()), Money(900, "EUR"), (), {})
    begin_card_payment(asked, card=LOST, tendered=None, at=at)

    check("attempts_resolved", at=at, due=at + after())


def test_a_refund_whose_answer_was_lost(member: Actor, at: datetime) -> None:
    paid = make_payment(member, tender=by_card())
    begin_refund(paid["id"], amount=None, quantities={}, reason="", requested_by=member.id, at=at)

    check("refunds_resolved", at=at, due=at + after())


@pytest.mark.parametrize("body", [{"confirm": False}, {"tender": by_card(DECLINED_CARD)}])
def test_an_intent_that_nobody_pays(member: Actor, at: datetime, body: dict[str, Any]) -> None:
    with time_machine.travel(at, tick=False):
        member.post(INTENTS, order(1000, **body))

    check("intents_canceled", at=at, due=at + UNPAID_FOR)
    assert PaymentIntent.objects.get().status == "canceled"


def test_any_number_of_lost_answers_is_resolved_at_once(other_member: Actor, at: datetime) -> None:
    wallet = make_wallet(other_member)
    for _ in range(120):
        begin_topup(wallet, amount=Money(100, "EUR"), card=LOST, at=at)

    check("topups_resolved", at=at, due=at + after(), count=120)


def test_a_day_is_told_before_the_time_leaves_it(member: Actor, at: datetime) -> None:
    make_payment(member)

    assert KINDS["day_totals"].run(at) == 0
    assert at.date() in {message.day for message in published(LedgerDayTotals)}
