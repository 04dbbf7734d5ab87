"""Limits of rules are exact however many use them at once."""

from typing import Any
from uuid import UUID

import pytest

from points.ledger.models import Transaction
from points.ledger.operations import merge_members
from points.purchases import operations
from points.purchases.models import PurchaseReturn
from points.purchases.operations import Teller
from points.purchases.rows.refunds import Returned
from points.purchases.rules.purchases import NewPurchase, Purchase, Recorded, RecordedPurchase, Told
from shared import clock
from shared.ids import new_id
from shared.testing.proofs import race
from tests.factories import make_programme, points_of, prove, take_back
from tests.judging_factories import BASE, ONCE, activate, buy_lines, counts
from tests.rules.earning.factories import fixed, rule, rule_set

pytestmark = pytest.mark.django_db(transaction=True)
LINE = {"1": ("shoes", 1, 1_000)}
AT_ONCE, EACH = 50, 4


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    return member.id


def payment(member_id: UUID, **more: Any) -> NewPurchase:
    values = {"merchant_id": new_id(), "order_id": str(new_id())} | more
    return NewPurchase(
        payment_id=new_id(), member_id=member_id, currency="EUR", amount=1_000, money_amount=1_000, lines=(),
        captured_at=clock.now(), **values,
    )  # fmt: skip


def gained(results: list[Any], plain: int) -> list[int]:
    """What purchases got beyond what each gets; none was refused."""
    assert [one for one in results if isinstance(one, Exception)] == []
    return sorted(points - plain for those in results for points in those if points > plain)


def test_two_hundred_at_once_use_the_last_use_once(me: UUID) -> None:
    activate(rule_set(BASE, rule("welcome", fixed(100), limits=ONCE)))

    results = race(AT_ONCE, lambda _: [buy_lines(me, LINE, at=clock.now()).points for _ in range(EACH)])

    assert gained(results, 10) == [100]
    assert counts(me) == {("welcome", "uses", "ever"): 1}
    assert points_of(me, at=clock.now()) == (10 * AT_ONCE * EACH + 100, 0)
    prove()


def test_two_hundred_at_once_share_what_a_limit_has_left(me: UUID) -> None:
    limits = [{"of": "points", "most": 333, "per": "month"}]
    activate(rule_set(rule("base", BASE["effect"], limits=limits)))

    results = race(AT_ONCE, lambda _: [buy_lines(me, LINE, at=clock.now()).points for _ in range(EACH)])

    assert gained(results, 0) == [3] + [10] * 33
    assert counts(me) == {("base", "points", "2026-03"): 333}
    assert points_of(me, at=clock.now()) == (333, 0)
    prove()


def test_payments_and_purchases_of_one_member_at_once_have_one_first(me: UUID) -> None:
    activate(rule_set(BASE, rule("first", fixed(50), trigger="first_purchase")))

    def one(turn: int) -> None:
        if turn % 2:
            buy_lines(me, LINE, at=clock.now())
        else:
            operations.earn_purchases([payment(me), payment(me)], at=clock.now())

    assert race(20, one) == [None] * 20
    assert points_of(me, at=clock.now()) == (30 * 10 + 50, 0)
    prove()


def test_lists_of_the_same_members_in_any_order_do_not_deadlock(me: UUID) -> None:
    activate(rule_set(BASE, rule("welcome", fixed(100), limits=ONCE)))
    members = [me, *(new_id() for _ in range(9))]

    def one(turn: int) -> None:
        order = members[turn % 10 :] + members[: turn % 10]
        operations.earn_purchases([payment(who) for who in (order if turn % 2 else order[::-1])], at=clock.now())

    assert race(20, one) == [None] * 20
    assert {points_of(who, at=clock.now()) for who in members} == {(20 * 10 + 100, 0)}
    prove()


def test_lists_of_merchants_at_once_use_each_limit_once_and_do_not_deadlock(me: UUID) -> None:
    activate(rule_set(BASE, rule("welcome", fixed(100), limits=ONCE)))
    members = [me, *(new_id() for _ in range(9))]
    merchants = [new_id() for _ in range(4)]

    def one(turn: int) -> list[Any]:
        merchant_id = merchants[turn % 4]
        purchases = [
            Told(
                RecordedPurchase(
                    reference=f"{turn // 8}-{n}", merchant_id=merchant_id, member_id=who, currency="EUR", amount=1_000,
                    occurred_at=clock.now(),
                ),
                None,
            )
            for n, who in enumerate(members)
        ]  # fmt: skip
        order = purchases if turn % 2 else purchases[::-1]
        found = operations.record_purchases(order, teller=Teller(None), at=clock.now())
        return [(one.purchase.payment_id, one.purchase.points) for one in found if isinstance(one, Recorded)]

    results = race(16, one)

    assert [len(those) for those in results] == [10] * 16
    bought = dict(pair for those in results for pair in those)
    assert len(bought) == 8 * len(members)
    assert {points_of(who, at=clock.now()) for who in members} == {(8 * 10 + 100, 0)}
    assert sum(bought.values()) == 180 * len(members)
    assert counts(me) == {("welcome", "uses", "ever"): 1}
    prove()


def test_returns_and_purchases_at_once_leave_what_is_left(me: UUID) -> None:
    activate(rule_set(BASE, rule("welcome", fixed(100), limits=ONCE)))
    bought = [buy_lines(me, LINE, at=clock.now()) for _ in range(6)]

    def one(turn: int) -> Any:
        if turn % 2:
            return buy_lines(me, LINE, at=clock.now())
        return take_back(bought[turn // 2 % 6], at=clock.now())

    results = race(12, one)

    assert [one for one in results if not isinstance(one, Purchase | Returned)] == []
    assert PurchaseReturn.objects.count() == 6
    welcomed = sum(one.points > 10 for one in results if isinstance(one, Purchase))
    assert counts(me) == {("welcome", "uses", "ever"): welcomed}
    assert points_of(me, at=clock.now()) == (6 * 10 + 100 * welcomed, 0)
    prove()


def test_one_order_told_by_both_at_once_earns_once_and_uses_once(me: UUID) -> None:
    activate(rule_set(BASE, rule("welcome", fixed(100), limits=ONCE)))
    order = {"merchant_id": new_id(), "order_id": "order-1"}

    def one(turn: int) -> None:
        if turn % 2:
            buy_lines(me, LINE, at=clock.now(), reference="order-1", merchant_id=order["merchant_id"])
        else:
            operations.earn_purchases([payment(me, **order)], at=clock.now())

    race(20, one)

    assert Transaction.objects.count() == 1
    assert counts(me) == {("welcome", "uses", "ever"): 1}
    prove()


def test_a_merge_and_purchases_of_both_at_once_use_a_limit_once_each_at_most(me: UUID, other_member: Any) -> None:
    activate(rule_set(BASE, rule("welcome", fixed(100), limits=ONCE)))

    def one(turn: int) -> Any:
        if turn == 0:
            return merge_members(
                from_member_id=me, into_member_id=other_member.id, reason="r", actor_id=new_id(), at=clock.now()
            )
        return buy_lines(me if turn % 2 else other_member.id, LINE, at=clock.now())

    race(12, one)
    used = counts(me) | counts(other_member.id)
    bought = buy_lines(other_member.id, LINE, at=clock.now())

    assert used == {("welcome", "uses", "ever"): 1}
    assert bought.points == 10
    prove()
