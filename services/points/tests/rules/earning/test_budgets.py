"""What a budget on one rule counts, and what a member's limit on it does: the example of docs/points/budgets.md."""

from uuid import UUID

import pytest

from points.earning.rules import Outcome, Place, Room, Rounding, Spent, Why, evaluate, read_rules, ready
from tests.rules.earning.factories import DOUBLE, PER_EURO, cart, facts, rule, rule_set
from tests.rules.earning.strategies import FIELDS

PLACE = Place(UUID(int=1), "ever")


def given(left: int | None, *limits: int) -> Outcome:
    """Return what 100.00 give at 1 per 1.00 and times 2, with so much left of a budget on `base`."""
    of_points = [{"of": "points", "most": most, "per": "ever"} for most in limits]
    document = rule_set(rule("base", PER_EURO, limits=of_points), rule("double", DOUBLE))
    rooms = [] if left is None else [Room(PLACE, "spring", "base", "points", left)]
    return evaluate(ready(read_rules(document, FIELDS)), facts(cart(rest=10_000)), {}, Rounding("floor"), rooms)


@pytest.mark.parametrize(
    ("left", "base", "why"), [(100, 100, None), (60, 60, None), (0, 0, Why.BUDGET)], ids=["all", "part", "none"]
)
def test_a_budget_on_a_rule_counts_what_the_rule_gives_itself(left: int, base: int, why: Why | None) -> None:
    found = given(left)

    assert [(one.rule_id, one.points, one.why, one.cut) for one in found.rules] == [
        ("base", base, why, 100 - base), ("double", 100, None, 0),
    ]  # fmt: skip
    assert found.points == 100 + base
    assert found.spent == ((Spent(PLACE, "base", "points", base),) if base else ())


def test_a_members_limit_on_it_counts_what_multipliers_add_to_that() -> None:
    found = given(None, 100)

    assert (found.points, [(one.points, one.trimmed) for one in found.rules]) == (100, [(50, 100), (50, 0)])
