"""What is no condition and no set of rules: all of it at once, each with a pointer."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from points.earning.rules import Counter, RulesInvalid, counters_of, read_condition, read_rules
from tests.rules.earning.factories import DOUBLE, PER_EURO, SHOES, fixed, rule, rule_set
from tests.rules.earning.strategies import DAY, FIELDS, conditions, documents

AMOUNT = {"field": "purchase.amount", "op": "eq", "value": 1}


def faults(document: Any) -> list[tuple[str, str]]:
    with pytest.raises(RulesInvalid) as refused:
        read_rules(document, FIELDS)
    return [(fault.pointer, fault.code) for fault in refused.value.faults]


def faults_of(tree: Any) -> list[tuple[str, str]]:
    with pytest.raises(RulesInvalid) as refused:
        read_condition(tree, FIELDS)
    return [(fault.pointer, fault.code) for fault in refused.value.faults]


def nested(depth: int) -> dict[str, Any]:
    return AMOUNT if depth == 1 else {"not": nested(depth - 1)}


def test_all_faults_of_a_condition_come_at_once() -> None:
    tree = {
        "all": [
            {"field": "purchase.colour", "op": "eq", "value": 1},
            {"field": "member.colour", "op": "eq", "value": "gold"},
            {"field": "line.sku", "op": "eq", "value": "1"},
            {"field": "event.name", "op": "eq", "value": "1"},
            AMOUNT | {"op": "has"},
            AMOUNT | {"value": True},
            {"any": [], "a/b~c": 1},
            {"any_line": {"all": [AMOUNT, SHOES]}},
            {"any_line": {"any_line": SHOES}},
            {"field": "purchase.amount", "op": "eq"},
            {},
            3,
        ]
    }

    with pytest.raises(RulesInvalid) as refused:
        read_condition(tree, FIELDS, places={"purchase", "member"})

    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [
        ("/all/0/field", "unknown_field"),
        ("/all/1/field", "unknown_field"),
        ("/all/2/field", "field_not_here"),
        ("/all/3/field", "field_not_here"),
        ("/all/4/op", "unknown_operator"),
        ("/all/5/value", "wrong_value"),
        ("/all/6/a~1b~0c", "unknown_member"),
        ("/all/6/any", "no_list"),
        ("/all/7/any_line/all/0/field", "field_not_here"),
        ("/all/8/any_line/any_line", "no_lines_here"),
        ("/all/9", "no_node"),
        ("/all/10", "no_node"),
        ("/all/11", "no_node"),
    ]


@pytest.mark.parametrize(
    ("field", "op", "value"),
    [
        ("purchase.amount", "eq", 1.0),
        ("purchase.amount", "eq", "1"),
        ("purchase.amount", "eq", None),
        ("purchase.amount", "eq", 2**63),
        ("purchase.amount", "in", []),
        ("purchase.amount", "in", [1, True]),
        ("purchase.amount", "in", [1] * 101),
        ("purchase.amount", "in", 1),
        ("purchase.amount", "between", [2, 1]),
        ("purchase.amount", "between", [1]),
        ("purchase.amount", "exists", 1),
        ("purchase.channel", "eq", ""),
        ("purchase.channel", "eq", "a\0"),
        ("purchase.channel", "eq", "\ud800"),
        ("purchase.channel", "eq", "x" * 201),
        ("purchase.currency", "eq", "XXX"),
        ("time.weekday", "eq", "Saturday"),
        ("time.date", "eq", "2026-02-30"),
        ("time.date", "eq", "2026-03-07T00:00:00Z"),
        ("purchase.metadata.at", "gt", "2026-03-07T00:00:00"),
        ("member.is_first_purchase", "eq", "true"),
        ("member.segments", "has", ["a"]),
        ("member.segments", "has_any", "a"),
        ("purchase.metadata.size", "eq", "xl"),
    ],
)
def test_a_value_of_another_type_is_refused(field: str, op: str, value: Any) -> None:
    assert faults_of({"field": field, "op": op, "value": value}) == [("/value", "wrong_value")]


def test_depth_and_size_have_bounds() -> None:
    read_condition(nested(6), FIELDS)
    read_condition({"all": [AMOUNT] * 99}, FIELDS)

    assert faults_of(nested(7)) == [("/not" * 6, "too_deep")]
    assert faults_of(nested(60)) == [("/not" * 6, "too_deep")]
    assert faults_of({"all": [AMOUNT] * 100}) == [("", "too_many_nodes")]
    assert faults_of({"all": [{"all": [AMOUNT] * 50}] * 50}) == [("", "too_many_nodes")]


def test_all_faults_of_a_set_come_at_once() -> None:
    bad = rule("A B", fixed(True) | {"x": 1}, trigger="event", condition=AMOUNT, limits=[{"of": "uses", "per": "hour"}])
    late = rule("late", PER_EURO, trigger="registration", priority=1.5, pending_days=-1, lifetime={"kind": "soon"})
    twice = [{"of": "uses", "most": most, "per": "ever"} for most in (1, 2)]

    assert faults(rule_set(bad, late, rule("c", {"kind": "gift"}, limits=twice), 3, stacking="some") | {"v": 1}) == [
        ("/v", "unknown_member"),
        ("/stacking", "wrong_value"),
        ("/rules/0/id", "wrong_value"),
        ("/rules/0/effect/x", "unknown_member"),
        ("/rules/0/effect/points", "wrong_value"),
        ("/rules/0/limits/0", "member_missing"),
        ("/rules/0/limits/0/per", "wrong_value"),
        ("/rules/0/condition/field", "field_not_here"),
        ("/rules/1/priority", "wrong_value"),
        ("/rules/1/pending_days", "wrong_value"),
        ("/rules/1/lifetime", "wrong_value"),
        ("/rules/1/effect", "effect_needs_purchase"),
        ("/rules/2/effect/kind", "wrong_value"),
        ("/rules/2/limits/1", "named_twice"),
        ("/rules/3", "no_object"),
    ]


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ([], ("", "no_object")),
        (rule_set(), ("/rules", "wrong_value")),
        (rule_set(*[rule(f"r{number}", PER_EURO) for number in range(101)]), ("/rules", "wrong_value")),
        (rule_set(rule("a", PER_EURO)) | {"language": 2}, ("/language", "wrong_value")),
        (rule_set(rule("a", PER_EURO)) | {"language": True}, ("/language", "wrong_value")),
        (rule_set(rule("a", PER_EURO), rule("a", DOUBLE)), ("/rules/1/id", "named_twice")),
        (rule_set(rule("a", fixed(1), lines=SHOES)), ("/rules/0/lines", "lines_not_here")),
        (rule_set(rule("a", DOUBLE, lines=AMOUNT)), ("/rules/0/lines/field", "field_not_here")),
        (rule_set(rule("a", DOUBLE | {"hundredths": 100})), ("/rules/0/effect/hundredths", "wrong_value")),
        (rule_set(rule("a", DOUBLE, limits=[{"of": "uses", "most": 1, "per": "day", "beyond": "trim"}])),
         ("/rules/0/limits/0/beyond", "unknown_member")),
    ],
)  # fmt: skip
def test_a_set_with_one_fault_names_it(document: Any, fault: tuple[str, str]) -> None:
    assert faults(document) == [fault]


def test_rules_stand_in_the_order_of_their_priority_and_then_as_said() -> None:
    found = read_rules(
        rule_set(*[rule(name, PER_EURO, priority=int(name[1])) for name in ("a1", "b0", "c1", "d0")]), FIELDS
    )

    assert [one.id for one in found.rules] == ["b0", "d0", "a1", "c1"]


def test_counters_are_of_the_period_of_the_day() -> None:
    limits = [{"of": "uses", "most": 1, "per": per} for per in ("day", "week", "month", "year")]
    limits += [{"of": "points", "most": 1, "per": "ever"}]

    assert counters_of(read_rules(rule_set(rule("a", PER_EURO, limits=limits)), FIELDS), DAY) == (
        Counter("a", "points", "ever"),
        Counter("a", "uses", "2026"),
        Counter("a", "uses", "2026-03"),
        Counter("a", "uses", "2026-03-07"),
        Counter("a", "uses", "2026-W10"),
    )


@settings(max_examples=40, deadline=None)
@given(conditions(), documents())
def test_what_is_well_formed_is_taken(tree: dict[str, Any], document: dict[str, Any]) -> None:
    read_condition(tree, FIELDS)
    read_rules(document, FIELDS)


_WORDS = st.sampled_from(["purchase.amount", "eq", "fixed"]) | st.text(max_size=3)
_NAMES = st.sampled_from(["all", "not", "any_line", "field", "op", "value", "rules", "id", "limits"])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | _WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner),
    max_leaves=12,
)


@settings(deadline=None)
@given(_JSON)
def test_whatever_json_it_is_it_is_read_or_refused(value: Any) -> None:
    for read in (read_condition, read_rules):
        with suppress(RulesInvalid):
            read(value, FIELDS)
