"""The quick answer of many purchases is that of the engine, for the first purchase of a way and for all after it."""

from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from points.earning.rules import (
    Counter,
    QuickRules,
    Rounding,
    Tally,
    can_be_quick,
    evaluate,
    read_rules,
    ready,
)
from tests.rules.earning.factories import facts, fixed, rule, rule_set
from tests.rules.earning.reference import Cart
from tests.rules.earning.strategies import FIELDS, carts, documents

PURCHASES = carts().filter(lambda cart: cart.trigger == "purchase")


def uncapped(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document without its limits of points."""
    rules = [one | {"limits": [each for each in one["limits"] if each["of"] == "uses"]} for one in document["rules"]]
    return document | {"rules": rules}


@settings(max_examples=300, deadline=None)
@given(documents().map(uncapped), st.lists(PURCHASES, min_size=1, max_size=6), st.sampled_from(list(Rounding)))
def test_it_is_what_the_engine_says(document: dict[str, Any], happened: list[Cart], rounding: Rounding) -> None:
    rules = ready(read_rules(document, FIELDS))
    assume(can_be_quick(rules))
    quick, uses, known = QuickRules(rules, rounding), dict[Counter, int](), dict[Counter, int]()
    for cart in happened:
        asked = facts(cart)
        found, outcome = quick.tally(asked, uses), evaluate(rules, asked, known, rounding)
        by_rule = tuple((one.rule_id, one.points) for one in outcome.rules if one.points)
        assert found == Tally(outcome.points, list(by_rule), list(outcome.counted))
        for counter, count in found.counted:
            uses[counter] = uses.get(counter, 0) + count
        for counter, count in outcome.counted:
            known[counter] = known.get(counter, 0) + count


def test_limits_of_points_and_what_is_best_by_numbers_are_for_the_engine() -> None:
    pieces = {"kind": "per_quantity", "points": 1}
    cents = {"kind": "per_amount", "points": 1, "amount": 100}
    capped = [{"of": "points", "most": 5, "per": "day"}]

    def quick(document: dict[str, Any]) -> bool:
        return can_be_quick(ready(read_rules(document, FIELDS)))

    assert quick(rule_set(rule("a", cents), rule("b", pieces), rule("c", fixed(1))))
    assert quick(rule_set(rule("a", cents), rule("b", cents), stacking="best"))
    assert not quick(rule_set(rule("a", cents), rule("b", pieces), stacking="best"))
    assert not quick(rule_set(rule("a", cents, limits=capped)))
