"""Three readings of one tree, an independent engine and the page: all say the same."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from points.earning.rules import compiled, explained, in_words, read_condition
from points.earning.rules.conditions import Explained
from tests.rules.earning.factories import SHOES, cart, facts, line
from tests.rules.earning.oracle import answer
from tests.rules.earning.reference import Cart, holds
from tests.rules.earning.strategies import DAY, FIELDS, PLACES, conditions, values

TILL = {"field": "purchase.channel", "op": "eq", "value": "till"}
NOT_TILL = TILL | {"op": "ne"}


def is_met(tree: dict[str, Any], happened: Cart) -> bool:
    condition, known = read_condition(tree, FIELDS), facts(happened).values
    found = compiled(condition)(known)
    assert found is explained(condition, known).is_met
    assert found is answer(tree, known)
    assert found is holds(tree, {name: one for name, one in known.items() if name != "lines"}, known["lines"])
    return found


@settings(max_examples=200, deadline=None)
@given(conditions(), values(PLACES), st.lists(values(frozenset({"line"})), max_size=3))
def test_closures_explanations_the_page_and_another_engine_agree(
    tree: dict[str, Any], known: dict[str, Any], lines: list[dict[str, Any]]
) -> None:
    found = [line(str(number), 0) | {"values": one} for number, one in enumerate(lines)]

    is_met(tree, Cart("purchase", DAY, known, 0, None, found))


def test_a_missing_value_makes_its_leaf_false_and_not_of_it_true() -> None:
    assert not is_met(TILL, cart())
    assert not is_met(NOT_TILL, cart())
    assert is_met({"not": TILL}, cart())
    assert is_met({"not": NOT_TILL}, cart())
    assert not is_met(TILL | {"op": "exists", "value": True}, cart())
    assert is_met(NOT_TILL, cart(channel="web"))


def test_a_value_of_another_type_is_missing() -> None:
    some = {"field": "purchase.amount", "op": "exists", "value": True}

    assert is_met(some, cart(amount=1))
    for wrong in (True, 1.0, "1", None):
        assert not is_met(some, cart(amount=wrong))
    assert not is_met({"field": "purchase.currency", "op": "exists", "value": True}, cart(currency="XXX"))


def test_one_line_meets_all_that_any_line_asks() -> None:
    dear = {"field": "line.amount", "op": "gte", "value": 2500}
    tree = {"any_line": {"all": [SHOES, dear]}}

    assert not is_met(
        tree, cart(line("1", 1, category="shoes"), line("2", 2500, category="books", **{"line.amount": 2500}))
    )
    assert is_met(tree, cart(line("1", 2500, category="shoes", **{"line.amount": 2500})))


def test_lines_that_nobody_vouches_for_are_none() -> None:
    assert not is_met({"any_line": {"not": SHOES}}, cart(line("1", 100)))


def test_time_is_that_of_the_programme() -> None:
    for field, value in (("weekday", "saturday"), ("hour", 0), ("date", "2026-03-07")):
        assert is_met({"field": f"time.{field}", "op": "eq", "value": value}, cart())


def test_an_explanation_has_what_was_asked_what_was_there_and_what_was_missing() -> None:
    tree = {"all": [{"field": "purchase.amount", "op": "gte", "value": 2000}, {"any_line": SHOES}, NOT_TILL]}
    known = facts(cart(line("1", 1, category="books"), line("2", 1, category="shoes"), amount=1999)).values

    assert explained(read_condition(tree, FIELDS), known) == Explained(
        kind="all",
        is_met=False,
        parts=(
            Explained(kind="leaf", is_met=False, field="purchase.amount", op="gte", asked=2000, found=1999),
            Explained(
                kind="any_line",
                is_met=True,
                parts=(
                    Explained(kind="leaf", is_met=False, field="line.category", op="eq", asked="shoes", found="books"),
                    Explained(kind="leaf", is_met=True, field="line.category", op="eq", asked="shoes", found="shoes"),
                ),
            ),
            Explained(kind="leaf", is_met=False, field="purchase.channel", op="ne", asked="till", is_missing=True),
        ),
    )


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        (
            {"all": [{"field": "purchase.amount", "op": "gte", "value": 2000}, {"any_line": SHOES}]},
            "amount ≥ 20.00 EUR and any line with category is shoes",
        ),
        ({"not": {"any": [TILL, {"all": [TILL]}]}}, "not (channel is till or channel is till)"),
        ({"field": "purchase.amount", "op": "between", "value": [-5, 12345]}, "amount is from -0.05 EUR to 123.45 EUR"),
        ({"field": "purchase.metadata.count", "op": "in", "value": [1, 2]}, "count is one of 1, 2"),
        ({"field": "member.segments", "op": "has_any", "value": ["a", "b"]}, "segments has one of a, b"),
        ({"field": "member.is_first_purchase", "op": "eq", "value": True}, "first purchase is yes"),
        ({"field": "time.date", "op": "lt", "value": "2026-03-07"}, "date < 2026-03-07"),
        ({"field": "purchase.store", "op": "exists", "value": False}, "store is missing"),
    ],
)
def test_words(tree: dict[str, Any], words: str) -> None:
    assert in_words(read_condition(tree, FIELDS), currency="EUR") == words


def test_money_has_the_digits_of_its_currency() -> None:
    tree = read_condition({"field": "purchase.amount", "op": "eq", "value": 1234}, FIELDS)

    assert [in_words(tree, currency=one) for one in ("JPY", "KWD")] == ["amount is 1234 JPY", "amount is 1.234 KWD"]
