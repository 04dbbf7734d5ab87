"""Payments earn by rules, one after the other and within the bounds of programme and ledger."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from points.ledger.errors import MemberMerged, TooManyPoints
from points.ledger.models import PendingPoints, Transaction
from points.ledger.operations import merge_members
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from points.purchases import operations
from points.purchases.models import Purchase
from shared import clock
from shared.contracts.points import PointsEarned
from shared.contracts.rules import EarnedByRule
from shared.ids import new_id
from shared.testing.messages import deliver, published
from shared.testing.proofs import nothing_written
from tests.factories import AT, points_of, prove, take_back
from tests.judging_factories import BASE, ONCE, PAPER, WELCOME, activate, buy_lines, counts
from tests.messages.test_payments import captured, refunded
from tests.operations.payment_factories import DAY, MERCHANT_ID, paid, points_of_payments
from tests.rules.earning.factories import fixed, rule, rule_set

pytestmark = pytest.mark.django_db


def test_bounds_of_the_programme_stay(me: UUID) -> None:
    activate(rule_set(BASE, WELCOME))
    change_programme(default_programme().id, changes={"max_points_per_purchase": 120}, at=AT)

    with nothing_written(), pytest.raises(TooManyPoints), transaction.atomic():
        buy_lines(me)

    assert points_of_payments(paid(me, 3_000), paid(me, 2_000)) == [(0, "too_many_points"), (120, None)]
    assert counts(me) == {("welcome", "uses", "ever"): 1}
    prove()


def test_points_beyond_what_the_ledger_counts_are_refused(me: UUID) -> None:
    most = {"kind": "multiplier", "hundredths": 10_000}
    base = rule("base", {"kind": "per_amount", "points": 1_000_000, "amount": 1})
    few = {"field": "purchase.amount", "op": "gte", "value": 10**12}
    activate(rule_set(base, *(rule(f"m{number}", most, condition=few) for number in range(4))))
    change_programme(default_programme().id, changes={"max_points_per_purchase": 10**15, "max_amount": 10**12}, at=AT)

    for amount in (10**9 + 1, 10**12):
        with nothing_written(), pytest.raises(TooManyPoints), transaction.atomic():
            buy_lines(me, {"1": ("shoes", 1, amount)})
    assert points_of_payments(paid(me, 10**12)) == [(0, "too_many_points")]


def test_who_was_merged_used_the_limits_of_whoever_they_are_now(me: UUID, other_member: Any) -> None:
    activate(PAPER)
    bought = buy_lines(me)
    merge_members(from_member_id=me, into_member_id=other_member.id, reason="r", actor_id=new_id(), at=AT)

    with nothing_written(), pytest.raises(MemberMerged), transaction.atomic():
        buy_lines(me)
    assert buy_lines(other_member.id).points == 76
    assert points_of_payments(paid(me, 1_000)) == [(20, None)]
    prove()
    assert take_back(bought).points == 176
    assert counts(me) == {("welcome", "uses", "ever"): 0}
    assert points_of_payments(paid(me, 1_000), paid(me, 1_000)) == [(120, None), (20, None)]
    assert counts(other_member.id) == {("welcome", "uses", "ever"): 1}
    prove()


def test_purchases_of_one_member_in_a_list_count_after_each_other(me: UUID, other_member: Any) -> None:
    activate(rule_set(BASE, WELCOME, rule("first", fixed(7), trigger="first_purchase")))
    mine, others = [paid(me, 1_000) for _ in range(3)], paid(other_member.id, 1_000)

    assert points_of_payments(mine[0], others, *mine[1:]) == [(117, None), (117, None), (10, None), (10, None)]
    assert counts(me) == {("welcome", "uses", "ever"): 1}
    assert published(PointsEarned)[0].rules[1] == EarnedByRule(id="welcome", version=1, points=100)
    prove()


def test_an_order_that_has_earned_uses_no_limit_and_what_earns_nothing_claims_no_order(me: UUID) -> None:
    activate(
        rule_set(rule("large", fixed(9), condition={"field": "purchase.amount", "op": "gte", "value": 500}), WELCOME)
    )
    change_programme(default_programme().id, changes={"merchants": None}, at=AT)
    told = buy_lines(me, {"1": ("shoes", 1, 900)}, reference="order-1", merchant_id=MERCHANT_ID)
    small = rule_set(
        rule("large", fixed(9), condition={"field": "purchase.amount", "op": "gte", "value": 500}, limits=ONCE)
    )
    activate(small, at=AT - DAY)

    found = points_of_payments(
        paid(me, 900, order_id="order-1"),
        paid(me, 400, order_id="order-2"),
        paid(me, 600, order_id="order-2"),
        paid(me, 700, order_id="order-2"),
    )

    assert told.points == 109
    assert found == [(0, "order_earned"), (0, None), (9, None), (0, "order_earned")]
    assert counts(me)["large", "uses", "ever"] == 1
    prove()


def test_a_list_of_before_and_after_an_activation(me: UUID) -> None:
    activate(rule_set(BASE, WELCOME), at=AT - DAY)

    found = points_of_payments(paid(me, 1_000, at=AT - 2 * DAY), paid(me, 1_000), paid(me, 1_000, at=AT - 2 * DAY))

    assert [points for points, _ in found] == [10, 110, 10]
    prove()


def test_a_refund_of_a_payment_takes_back_by_rules(me: UUID) -> None:
    activate(PAPER)
    payment = captured(me, {"1": 3_333, "2": 1_001}, lines_by="merchant")
    lines = [line.__class__(line_id=line.line_id, category=category, sku="", quantity=1, amount=line.amount)
             for line, category in zip(payment.lines, ("shoes", "books"), strict=True)]  # fmt: skip
    payment = payment.__class__(
        **{name: getattr(payment, name) for name in payment.__struct_fields__} | {"lines": lines}
    )
    deliver(payment)
    now = points_of(me, at=clock.now())

    deliver(refunded(payment, 3_333, {"1": 3_333}), refunded(payment, 1_001, {"2": 1_001}))

    assert now == (176, 0)
    assert points_of(me, at=clock.now()) == (0, 0)
    assert counts(me) == {("welcome", "uses", "ever"): 0}
    prove()


def test_a_payment_of_several_lots_is_refunded_from_each(me: UUID) -> None:
    activate(rule_set(BASE, rule("later", BASE["effect"], pending_days=14)))
    payment = captured(me, {"1": 3_000, "2": 1_000}, lines_by="merchant")
    deliver(payment)
    noted = Purchase.objects.get()
    assert (noted.points, noted.merchant_id) == (80, payment.merchant_id)
    keys = Transaction.objects.order_by("version").values_list("source_key", "points")
    assert list(keys) == [(f"payment:{payment.payment_id}:earn", 40), (f"payment:{payment.payment_id}:earn:2", 40)]
    assert [one.merchant_id for one in published(PointsEarned)] == [payment.merchant_id]

    deliver(refunded(payment, 1_000, {"2": 1_000}))

    assert points_of(me, at=clock.now()) == (30, 0)
    assert PendingPoints.objects.get().remaining == 30
    prove()


def test_statements_of_a_list_do_not_grow_with_it(me: UUID) -> None:
    activate(rule_set(BASE, WELCOME, rule("first", fixed(7), trigger="first_purchase")))
    points_of_payments(paid(new_id()))
    counted = []
    for size in (2, 40):
        with CaptureQueriesContext(connection) as sent:
            operations.earn_purchases([paid(new_id()) for _ in range(size)], at=AT)
        counted.append(len(sent))

    assert counted[0] == counted[1]
    assert Transaction.objects.count() == 43
    prove()
