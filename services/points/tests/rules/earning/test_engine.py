"""What rules give: the paper example, each step of the page, and the reference model that was written from it."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from points.earning.rules import Counter, Outcome, Why, explanations, read_rules, ready
from tests.rules.earning.factories import DOUBLE, PER_EURO, SHOES, cart, facts, fixed, line, outcome, rule, rule_set
from tests.rules.earning.reference import Cart, Earned, earn
from tests.rules.earning.reference.earning import FIXED, REST, counter
from tests.rules.earning.strategies import DAY, FIELDS, carts, documents

ONCE = [{"of": "uses", "most": 1, "per": "ever"}]
PAPER = rule_set(rule("base", PER_EURO), rule("shoes", DOUBLE, lines=SHOES), rule("welcome", fixed(100), limits=ONCE))
PURCHASE = cart(line("1", 3333, category="shoes"), line("2", 1001, category="books"))
ROUNDINGS = st.sampled_from(["floor", "half_up", "ceil"])


def lines(found: Outcome) -> list[int]:
    return [one.points for one in found.lines]


def of_rules(found: Outcome) -> dict[str, int]:
    return {one.rule_id: one.points for one in found.rules}


def why(found: Outcome) -> dict[str, Why]:
    return {one.rule_id: one.why for one in found.rules if one.why}


def months(most: int, beyond: str = "trim") -> list[dict[str, Any]]:
    return [{"of": "points", "most": most, "per": "month", "beyond": beyond}]


def test_the_example_on_paper() -> None:
    found = outcome(PAPER, PURCHASE)

    assert (found.points, lines(found), found.rest, found.fixed) == (176, [66, 10], 0, 100)
    assert of_rules(found) == {"base": 43, "shoes": 33, "welcome": 100}
    assert [one.exact for one in found.rules] == [Fraction(4334, 100), Fraction(3333, 100), 100]
    assert found.counted == ((Counter("welcome", "uses", "ever"), 1),)


def test_a_use_that_is_gone_is_none() -> None:
    found = outcome(PAPER, PURCHASE, {Counter("welcome", "uses", "ever"): 1})

    assert (found.points, found.fixed, found.counted) == (76, 0, ())
    assert (why(found), found.rules[2].limit) == ({"welcome": Why.LIMIT}, Counter("welcome", "uses", "ever"))


@pytest.mark.parametrize(
    ("rounding", "total", "shared"), [("floor", 1, [1, 0]), ("half_up", 2, [1, 1]), ("ceil", 2, [1, 1])]
)
def test_one_rounding_is_shared_to_lines(rounding: str, total: int, shared: list[int]) -> None:
    found = outcome(rule_set(rule("a", PER_EURO)), cart(line("1", 90), line("2", 60)), rounding=rounding)

    assert (found.points, lines(found)) == (total, shared)


@pytest.mark.parametrize(("stacking", "shared"), [("all", [100, 10]), ("best", [66, 10]), ("first", [33, 10])])
def test_each_line_chooses_its_base(stacking: str, shared: list[int]) -> None:
    double = rule("shoes", PER_EURO | {"points": 2}, lines=SHOES)

    assert lines(outcome(rule_set(rule("all", PER_EURO), double, stacking=stacking), PURCHASE)) == shared


@pytest.mark.parametrize(("stacking", "shared"), [("all", [200, 20]), ("best", [100, 20]), ("first", [66, 20])])
def test_each_line_chooses_its_multiplier_beside_its_base(stacking: str, shared: list[int]) -> None:
    thrice = rule("shoes", DOUBLE | {"hundredths": 300}, lines=SHOES)
    found = outcome(rule_set(rule("base", PER_EURO), rule("all", DOUBLE), thrice, stacking=stacking), PURCHASE)

    assert lines(found) == shared


def test_fixed_points_choose_among_themselves_and_are_not_multiplied() -> None:
    document = rule_set(
        rule("a", fixed(5)), rule("b", fixed(7)), rule("c", DOUBLE), rule("d", PER_EURO), stacking="best"
    )
    found = outcome(document, cart(line("1", 100)))

    assert (found.points, of_rules(found)) == (9, {"a": 0, "b": 7, "c": 1, "d": 1})
    assert why(found) == {"a": Why.STACKING}


def test_a_rule_that_is_used_up_makes_room_for_the_next() -> None:
    document = rule_set(rule("a", fixed(9), limits=ONCE), rule("b", fixed(1)), stacking="best")

    assert outcome(document, cart(), {Counter("a", "uses", "ever"): 1}).points == 1


@pytest.mark.parametrize(("beyond", "total", "base", "doubled"), [("trim", 50, 25, 25), ("refuse", 0, 0, 0)])
def test_a_limit_of_a_base_counts_what_multipliers_made_of_it(beyond: str, total: int, base: int, doubled: int) -> None:
    document = rule_set(rule("a", PER_EURO, limits=months(80, beyond)), rule("b", DOUBLE))
    found = outcome(document, cart(line("1", 4000)), {Counter("a", "points", "2026-03"): 30})

    assert (found.points, of_rules(found)) == (total, {"a": base, "b": doubled})
    assert (found.rules[0].trimmed, found.rules[0].limit) == (80 - total, Counter("a", "points", "2026-03"))
    assert found.counted == (((Counter("a", "points", "2026-03"), total),) if total else ())


def test_a_limit_of_a_multiplier_counts_what_it_added() -> None:
    found = outcome(rule_set(rule("a", PER_EURO), rule("b", DOUBLE, limits=months(15))), PURCHASE)

    assert (found.points, of_rules(found), found.rules[1].trimmed) == (58, {"a": 43, "b": 15}, 28)


def test_no_rounding_moves_a_rule_beyond_its_limit() -> None:
    halves = {"kind": "per_amount", "points": 1, "amount": 2}
    document = rule_set(rule("a", halves, limits=months(2)), rule("b", halves))
    found = outcome(document, cart(*[line(str(number), 1) for number in range(4)]))

    assert (found.points, of_rules(found)) == (4, {"a": 2, "b": 2})


def test_only_a_first_purchase_meets_its_rules() -> None:
    document = rule_set(rule("a", fixed(5), trigger="first_purchase"))
    first = Cart("purchase", DAY, {"member.is_first_purchase": True})

    assert why(outcome(document, cart())) == {"a": Why.NOT_FIRST_PURCHASE}
    assert outcome(document, first).points == 5


def test_pieces_are_those_of_lines_that_somebody_vouches_for() -> None:
    pieces = rule("a", {"kind": "per_quantity", "points": 3})
    found = outcome(rule_set(pieces), cart(line("1", 0, quantity=2, category="x"), line("2", 9, quantity=5), rest=7))

    assert (lines(found), found.rest) == ([6, 0], 0)


def test_what_earns_is_shared_to_lines_with_pieces_and_to_the_rest() -> None:
    found = outcome(
        rule_set(rule("a", PER_EURO | {"amount": 1})),
        cart(line("1", 50), line("2", 20, quantity=0), rest=30, earning=40),
    )

    assert (lines(found), found.rest) == ([25, 0], 15)


def test_what_is_not_looked_at_is_not_told_and_the_rest_is() -> None:
    document = rule_set(
        rule("event", fixed(1), trigger="event"),
        rule("till", fixed(1), condition={"field": "purchase.channel", "op": "eq", "value": "till"}),
        rule("shoes", PER_EURO, lines=SHOES),
        rule("small", PER_EURO),
        rule("later", fixed(2), pending_days=14, lifetime={"kind": "never"}),
    )
    happened = cart(line("1", 99, category="books"))
    found = outcome(document, happened)

    assert why(found) == {"till": Why.CONDITION, "shoes": Why.NO_LINE, "small": Why.NO_POINTS}
    assert [(one.rule_id, one.is_met) for one in found.rules] == [
        ("till", False), ("shoes", False), ("small", True), ("later", True),
    ]  # fmt: skip
    assert found.rules[3].pending_days == 14
    told = explanations(ready(read_rules(document, FIELDS)), facts(happened))
    assert [(one.rule_id, one.condition and one.condition.is_missing) for one in told][:1] == [("till", True)]
    assert [(name, one.found) for name, one in told[1].lines] == [("1", "books")]


def uses_of(draw: st.DataObject, document: dict[str, Any]) -> dict[tuple[str, str, str], int]:
    counters = [counter(one, limit, DAY) for one in document["rules"] for limit in one["limits"]]
    return {name: draw.draw(st.sampled_from([0, 0, 1, 5, 59])) for name in counters}


def as_earned(found: Outcome) -> Earned:
    units = {"line": "", "rest": REST, "fixed": FIXED}
    cells = {(one.line_id or units[one.part], one.of, one.rule_id): one.points for one in found.given}
    reasons = {one.rule_id: str(one.why) for one in found.rules if one.why}
    return Earned(cells, reasons, {tuple(name): count for name, count in found.counted})


def check_sums(found: Outcome) -> None:
    assert found.points == sum(one.points for one in found.given) == sum(one.points for one in found.rules)
    assert found.points == sum(lines(found)) + found.rest + found.fixed
    for one in found.lines:
        assert one.points == sum(part.points for part in found.given if part.line_id == one.line_id)
    for each in found.rules:
        assert each.points == sum(part.points for part in found.given if part.rule_id == each.rule_id)
        assert (each.why is None) == (each.points > 0)


@settings(max_examples=150, deadline=None)
@given(documents(), carts(), ROUNDINGS, st.data())
def test_the_engine_is_the_reference_model(document: dict[str, Any], happened: Cart, rounding: str, data: Any) -> None:
    uses = uses_of(data, document)
    found = outcome(document, happened, {Counter(*name): count for name, count in uses.items()}, rounding)

    assert as_earned(found) == earn(document, happened, uses, rounding)
    check_sums(found)
    for name, count in found.counted:
        most = [
            limit["most"] for one in document["rules"] for limit in one["limits"] if counter(one, limit, DAY) == name
        ]
        assert uses[tuple(name)] + count <= min(most)


@settings(max_examples=40, deadline=None)
@given(documents(), carts())
def test_an_explanation_is_met_where_its_rule_is(document: dict[str, Any], happened: Cart) -> None:
    told = explanations(ready(read_rules(document, FIELDS)), facts(happened))
    found = outcome(document, happened)

    assert [one.rule_id for one in told] == [one.rule_id for one in found.rules]
    for one, result in zip(told, found.rules, strict=True):
        if result.why is Why.NOT_FIRST_PURCHASE:
            continue
        assert (one.condition is not None and not one.condition.is_met) is (result.why is Why.CONDITION)
        if result.why is Why.NO_LINE:
            assert not any(each.is_met for _, each in one.lines)
