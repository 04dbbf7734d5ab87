"""Points that paid for a purchase come back with it."""

from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from points.ledger import operations
from points.ledger.errors import PaysPurchase, TransactionNotFound
from points.ledger.models import Lot, Transaction
from points.purchases.errors import RedemptionNotUsable
from points.purchases.models import PurchaseSpend
from shared.contracts.points import PointsRestored, PointsReturned
from shared.ids import new_id
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from tests.factories import AT, buy, give, hold, points_of, prove, set_policy, spend, take_back
from tests.operations.return_factories import DAY, ONE_LINE, parts

pytestmark = pytest.mark.django_db


def paid_purchase(me: UUID, *, soon: int = 30, late: int = 40, points: int = 60, money: int = 4_000) -> Any:
    """Buy for 100.00 with points of two lots, those that end tomorrow first, and money that earns."""
    give(me, soon, expires_at=AT + DAY)
    give(me, late, expires_at=AT + 9 * DAY)
    redemption = spend(me, points)
    return buy(me, ONE_LINE, redemption_ids=(redemption.id,), money_amount=money), redemption


def lots_of(me: UUID) -> list[int]:
    return list(Lot.objects.order_by("number").values_list("remaining", flat=True))


def test_points_that_paid_come_back_to_their_lots_the_last_spent_first(me: UUID) -> None:
    bought, _ = paid_purchase(me)
    assert lots_of(me) == [0, 10, 40]

    first = take_back(bought, {"1": 2})
    assert (first.restored, parts(first), lots_of(me)) == (30, (20, 0, 0, 0), [0, 40, 20])
    second = take_back(bought)

    assert (second.restored, parts(second), lots_of(me)) == (30, (20, 0, 0, 0), [30, 40, 0])
    assert points_of(me) == (70, 0)
    assert [(one.points, one.change, one.balance) for one in published(PointsRestored)] == [(30, 30, 80), (30, 30, 90)]
    assert [(one.points, one.change, one.balance) for one in published(PointsReturned)] == [
        (20, -20, 60),
        (20, -20, 70),
    ]
    prove()


def test_points_whose_time_has_passed_expire_at_once_when_they_come_back(me: UUID) -> None:
    bought, _ = paid_purchase(me)

    done = take_back(bought, at=AT + 2 * DAY)

    assert (done.restored, done.expired, parts(done)) == (60, 30, (40, 0, 0, 0))
    assert points_of(me, at=AT + 2 * DAY) == (40, 0)
    kinds = list(Transaction.objects.order_by("version").values_list("kind", "change"))[-3:]
    assert kinds == [("restored", 60), ("expired", -30), ("returned", -40)]
    prove()


def test_points_that_come_back_to_a_lot_with_points_whose_time_has_passed_expire_with_them(me: UUID) -> None:
    bought, _ = paid_purchase(me, soon=61, money=0)

    done = take_back(bought, at=AT + 2 * DAY)

    assert done.restored == 60
    assert lots_of(me) == [0, 40]
    assert points_of(me, at=AT + 2 * DAY) == (40, 0)
    prove()


def test_points_that_come_back_pay_what_is_owed_first(me: UUID) -> None:
    bought, _ = paid_purchase(me, soon=60, late=60, points=60)
    other = buy(me, {"1": (1, 3_000)})
    spend(me, 130)
    take_back(other)
    assert points_of(me) == (0, -30)

    done = take_back(bought)

    # 60 come back, 30 of these pay the debt; of the 40 to take back 30 are there.
    assert (done.restored, parts(done)) == (60, (0, 30, 10, 0))
    assert points_of(me) == (0, -10)
    prove()


def test_points_come_back_before_any_are_taken_so_that_fewer_are_forgiven(me: UUID) -> None:
    set_policy("floor_zero")
    bought, _ = paid_purchase(me, soon=60, late=1, points=60)
    spend(me, 41)

    done = take_back(bought)

    assert (done.restored, parts(done)) == (60, (0, 40, 0, 0))
    assert points_of(me) == (20, 0)
    prove()


def test_a_captured_hold_pays_and_gives_back_what_it_captured(me: UUID) -> None:
    give(me, 30, expires_at=AT + DAY)
    give(me, 40, expires_at=AT + 9 * DAY)
    captured_hold = operations.capture_hold(hold(me, 70).id, points=50, at=AT)
    assert captured_hold.capture_id
    bought = buy(me, ONE_LINE, redemption_ids=(captured_hold.capture_id,), money_amount=0)
    assert lots_of(me) == [0, 20]

    assert take_back(bought, {"1": 2}).restored == 25
    assert lots_of(me) == [5, 40]
    assert take_back(bought).restored == 25

    assert (lots_of(me), points_of(me)) == ([30, 40], (70, 0))
    prove()


def test_several_redemptions_give_back_the_last_one_first(me: UUID) -> None:
    give(me, 100)
    first, second = spend(me, 30), spend(me, 10)
    bought = buy(me, ONE_LINE, redemption_ids=(second.id, first.id), money_amount=0)

    assert take_back(bought, {"1": 2}).restored == 20

    assert dict(PurchaseSpend.objects.values_list("redemption_id", "restored")) == {first.id: 10, second.id: 10}
    prove()


def test_redemptions_take_what_they_are_worth_from_the_money_that_earns(me: UUID) -> None:
    give(me, 500)
    redemption = spend(me, 350)

    bought = buy(me, ONE_LINE, redemption_ids=(redemption.id,))

    assert (bought.money_amount, bought.points, bought.spent) == (9_650, 96, 350)


def test_a_preview_says_what_the_return_does_and_writes_nothing(me: UUID) -> None:
    set_policy("arrears", 5)
    bought, _ = paid_purchase(me)
    spend(me, 45)

    with nothing_written():
        plan = take_back(bought, at=AT + 2 * DAY, preview=True)
    done = take_back(bought, at=AT + 2 * DAY)

    assert parts(plan) == parts(done) == (5, 30, 5, 0)
    assert (plan.restored, plan.expired) == (done.restored, done.expired) == (60, 30)


def test_a_redemption_that_paid_is_not_reversed(me: UUID) -> None:
    bought, redemption = paid_purchase(me)

    for _ in range(2):
        with nothing_written(), pytest.raises(PaysPurchase) as refusal, transaction.atomic():
            operations.reverse_transaction(redemption.id, reason="", actor_id=new_id(), at=AT)
        assert refusal.value.members == {"purchase": bought.payment_id}
        take_back(bought, amount=5_000)
    prove()


def test_a_redemption_that_was_reversed_or_used_or_is_none_pays_for_nothing(me: UUID, other_member: Any) -> None:
    earned = give(me, 100)
    used, reversed_one = spend(me, 10), spend(me, 10)
    buy(me, ONE_LINE, redemption_ids=(used.id,))
    operations.reverse_transaction(reversed_one.id, reason="", actor_id=new_id(), at=AT)

    for redemption, reason in ((earned, "not_a_redemption"), (used, "used"), (reversed_one, "reversed")):
        with nothing_written(), pytest.raises(RedemptionNotUsable) as refusal, transaction.atomic():
            buy(me, ONE_LINE, redemption_ids=(redemption.id,))
        assert refusal.value.members == {"redemption_id": redemption.id, "reason": reason}
    with nothing_written(), pytest.raises(TransactionNotFound), transaction.atomic():
        buy(other_member.id, ONE_LINE, redemption_ids=(used.id,))
