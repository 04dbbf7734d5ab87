from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from points.expiry import operations as expiry
from points.ledger import operations
from points.ledger.errors import InsufficientPoints
from points.ledger.models import Account, Transaction
from points.ledger.rules.values import Kind, Posted, Posting
from points.programmes.models import Programme
from points.programmes.queries import default_programme
from shared import clock
from shared.contracts.points import PointsRedeemed
from shared.ids import new_id
from shared.testing.messages import deliver, published
from shared.testing.proofs import race
from tests.factories import give, make_programme, points_of, prove, spend
from tests.messages.test_payments import captured, refunded

pytestmark = pytest.mark.django_db(transaction=True)
REDEMPTIONS = "/api/v1/points/redemptions"


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    return member.id


def test_the_last_points_are_spent_once_by_twenty_at_a_time(me: UUID) -> None:
    give(me, 35, at=clock.now())

    results = race(20, lambda _: spend(me, 10, at=clock.now()))

    spent = [result for result in results if isinstance(result, Posted)]
    refused = [result for result in results if isinstance(result, InsufficientPoints)]
    assert (len(spent), len(refused)) == (3, 17)
    assert points_of(me, at=clock.now()) == (5, 0)
    prove()


def test_one_key_fifty_times_at_once_spends_once(me: UUID, member: Any) -> None:
    give(me, 1000, at=clock.now())

    answers = race(50, lambda _: member.post(REDEMPTIONS, {"points": 10, "reason": "coffee"}, key="the-same-key"))

    statuses = {answer.status_code for answer in answers}
    assert statuses <= {201, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert all(answer.json()["code"] == "idempotency.in_progress" for answer in answers if answer.status_code == 409)
    assert points_of(me, at=clock.now()) == (990, 0)
    assert len(published(PointsRedeemed)) == 1
    prove()


def test_one_cause_twenty_times_at_once_has_one_effect(me: UUID) -> None:
    payment = captured(me, {"1": 12_000})

    receipts = race(20, lambda _: deliver(payment))

    assert [receipt.failed for receipt in receipts] == [{}] * 20
    assert points_of(me, at=clock.now()) == (120, 0)
    assert Transaction.objects.count() == 1
    prove()


def test_one_refund_ten_times_at_once_takes_back_once(me: UUID) -> None:
    payment = captured(me, {"1": 12_000})
    refund = refunded(payment, 6_000)
    deliver(payment)

    receipts = race(10, lambda _: deliver(refund))

    assert [receipt.failed for receipt in receipts] == [{}] * 10
    assert points_of(me, at=clock.now()) == (60, 0)
    prove()


def test_refunds_of_one_purchase_at_once_take_back_no_more_than_was_earned(me: UUID) -> None:
    payment = captured(me, {"1": 1_000})
    deliver(payment)

    race(10, lambda _: deliver(refunded(payment, 100, {"1": 100})))

    assert points_of(me, at=clock.now()) == (0, 0)
    prove()


def test_the_expiry_job_and_spending_never_use_the_same_points(me: UUID) -> None:
    at = clock.now()
    for _ in range(10):
        give(me, 10, at=at, expires_at=at + timedelta(days=1))
    after = at + timedelta(days=2)

    results = race(
        12, lambda turn: expiry.expire_lots(at=at, as_of=after, limit=3) if turn % 2 else spend(me, 10, at=at)
    )

    spent = sum(result.points for result in results if isinstance(result, Posted))
    expired = sum(result[1] for result in results if isinstance(result, tuple))
    assert spent + expired + points_of(me, at=at)[0] == 100
    prove()


def test_the_same_reversal_ten_times_at_once_has_one_effect(me: UUID) -> None:
    earned = give(me, 50, at=clock.now())

    race(
        10,
        lambda _: operations.reverse_transaction(earned.id, reason="", actor_id=new_id(), at=clock.now()),
    )

    assert points_of(me, at=clock.now()) == (0, 0)
    assert Transaction.objects.count() == 2
    prove()


def test_lists_with_the_same_members_in_any_order_do_not_deadlock(me: UUID) -> None:
    members = [new_id() for _ in range(30)]

    def post(turn: int) -> Any:
        ordered = members if turn % 2 else members[::-1]
        programme_id = default_programme().id
        commands = [Posting(kind=Kind.EARNED, programme_id=programme_id, member_id=who, points=1) for who in ordered]
        return operations.post(commands, at=clock.now())

    results = race(8, post)

    assert [result for result in results if isinstance(result, Exception)] == []
    assert set(Account.objects.values_list("available", flat=True)) == {8}
    prove()


def test_the_first_programmes_at_once_leave_one_default(db: None) -> None:
    results = race(5, lambda turn: make_programme(name=f"P{turn}"))

    assert [result for result in results if isinstance(result, Exception)] == []
    assert Programme.objects.filter(is_default=True).count() == 1
