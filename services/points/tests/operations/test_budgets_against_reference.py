"""Random rules, budgets, purchases and returns: no more is given than budgets have, and what comes back can be again.

What rules would give comes from the reference engine; rules have no limits here, since what these count is what budgets
left.
"""

from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from points.budgets import queries as budgets
from points.budgets.models import Budget
from points.earning.queries import MEMORY
from points.purchases.rows import judgements
from points.purchases.rules.purchases import Purchase
from tests.budget_factories import all_used, make_budget, published_uses, used
from tests.factories import make_programme, prove
from tests.judging_factories import activate, buy_lines
from tests.operations.test_rules_against_reference import can_come_back, cart_of, has_no_pieces, take_all_back
from tests.rules.earning.factories import AT
from tests.rules.earning.reference import earn
from tests.rules.earning.strategies import SCHEMA, documents

pytestmark = pytest.mark.django_db
_LINES = st.dictionaries(
    st.sampled_from(["l0", "l1", "l2"]),
    st.tuples(st.sampled_from(["shoes", "books"]), st.integers(0, 3), st.sampled_from([0, 1, 33, 1_001, 3_333])),
    max_size=3,
)
_SAID = st.fixed_dictionaries({"channel": st.sampled_from(["", "a"]), "store": st.sampled_from(["", "ab"])})
_BOUGHT = st.lists(st.tuples(_LINES, _SAID, st.sampled_from([0, 0, 999])), min_size=1, max_size=4)
_BUDGETS = st.lists(
    st.fixed_dictionaries(
        {
            "rule_id": st.sampled_from([None, "r0", "r1", "r2"]),
            "of": st.sampled_from(["points", "points", "uses"]),
            "most": st.sampled_from([1, 2, 7, 40, 200]),
            "beyond": st.sampled_from(["trim", "refuse"]),
        }
    ),
    min_size=1,
    max_size=3,
)


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme(max_points_per_purchase=10**12)
    return member.id


def allowed(budget: Budget, left: int, points: int) -> int:
    """Return what a budget with so much left gives of points."""
    if budget.of == "uses":
        return points if left else 0
    return points if points <= left else left if budget.beyond == "trim" else 0


def expected(document: dict[str, Any], cart: Any, rounding: str, there: list[Budget], left: dict[UUID, int]) -> int:
    """Return what a purchase earns: each rule what its own budgets leave it, and all what those of all leave them."""
    if has_no_pieces(cart):
        return 0
    given_by = Counter[str]()
    for (_, _, giver), points in earn(document, cart, {}, rounding).cells.items():
        given_by[giver] += points
    of_rules = [one for one in there if one.rule_id]
    for one in of_rules:
        given_by[one.rule_id] = allowed(one, left[one.id], given_by[one.rule_id])
    total = given_by.total()
    for one in there:
        total = total if one.rule_id else allowed(one, left[one.id], total)
    return total


def use_of(bought: Purchase, budget: Budget) -> int:
    """Return what a purchase used of a budget, by what was kept of its rules."""
    kept = judgements.read([bought.payment_id]).get(bought.payment_id)
    points = sum(one.points for one in (kept.outcome.rules if kept else ()) if budget.rule_id in (None, one.rule_id))
    return min(points, 1) if budget.of == "uses" else points


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(documents(), _BOUGHT, _BUDGETS, st.sampled_from(["floor", "half_up", "ceil"]), st.data())
def test_budgets_hold_and_are_given_back(
    me: UUID, document: dict[str, Any], told: list[Any], said: list[dict[str, Any]], rounding: str, data: st.DataObject
) -> None:
    for one in document["rules"]:
        one["limits"] = []
    names = {one["id"] for one in document["rules"]}
    with transaction.atomic():
        activate(document, at=AT, schema=SCHEMA, rounding=rounding)
        there = [
            make_budget(code=f"b{number}", **one)
            for number, one in enumerate(said)
            if one["rule_id"] is None or one["rule_id"] in names
        ]
        left, made = {one.id: one.most for one in there}, list[Purchase]()
        for lines, more, rest in told:
            cart = cart_of(lines, more, rest, is_first=not made)
            points = expected(document, cart, rounding, there, left)
            made.append(buy_lines(me, lines, at=AT, amount=cart.amount, **more))
            assert made[-1].points == points
            for one in there:
                left[one.id] -= use_of(made[-1], one)
        assert all(count >= 0 for count in left.values())
        assert {one.id: sum(used(one).values()) for one in there} == {one.id: one.most - left[one.id] for one in there}
        prove()

        for bought in data.draw(st.permutations(made)):
            if can_come_back(bought):
                take_all_back(data, bought)
                left = {one.id: left[one.id] + use_of(bought, one) for one in there}
        assert {one.id: sum(used(one).values()) for one in there} == {one.id: one.most - left[one.id] for one in there}
        assert published_uses() == all_used()
        prove()
        transaction.set_rollback(True)
    MEMORY.invalidate()
    budgets.MEMORY.invalidate()
