"""The engine: rules, facts and what a member used of limits make an outcome."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from points.earning.rules.engine.budgets import keep_plain, keep_within, spent_of
from points.earning.rules.engine.explanations import RuleExplained, explanations
from points.earning.rules.engine.looking import (
    IS_FIRST_PURCHASE,
    NOTHING_NEEDED,
    Looked,
    Needs,
    ReadyRules,
    look,
    ready,
)
from points.earning.rules.engine.outcome import Given, LineOutcome, Outcome, Part, RuleOutcome, Why
from points.earning.rules.engine.quick import QuickRules, Tally, can_be_quick
from points.earning.rules.engine.rooms import UNCUT, Beyond, Cut, Place, Room, Spent
from points.earning.rules.engine.table import Table, limit, round_once, table_of
from points.earning.rules.facts import Facts
from points.earning.rules.rule import Counter, Limit, MostPoints, MostUses, Rounding, counter_of

__all__ = [
    "IS_FIRST_PURCHASE",
    "NOTHING_NEEDED",
    "Beyond",
    "Given",
    "LineOutcome",
    "Needs",
    "Outcome",
    "Part",
    "Place",
    "QuickRules",
    "ReadyRules",
    "Room",
    "RuleExplained",
    "RuleOutcome",
    "Spent",
    "Tally",
    "Why",
    "can_be_quick",
    "evaluate",
    "explanations",
    "keep_plain",
    "ready",
]

_NEVER_MET = (Why.NOT_FIRST_PURCHASE, Why.CONDITION, Why.NO_LINE)
Trims = dict[int, tuple[Counter, int]]


def evaluate(
    rules: ReadyRules,
    facts: Facts,
    uses: Mapping[Counter, int],
    rounding: Rounding = Rounding.FLOOR,
    rooms: Sequence[Room] = (),
) -> Outcome:
    """Return what rules give for what happened, with what the member used of their limits before, and what budgets have
    left.

    A counter that is not named was not used. docs/points/rules.md says every step of it.
    """
    looked = look(rules, facts, uses)
    table = table_of([one for one in looked if one.why is None], facts, rules.stacking)
    exact = {one.place: table.sum_given(one.place) for one in looked if one.place in table.counting}
    trims = _limited(table, looked, facts, uses, rounding)
    units = round_once(table, rounding)
    cuts = keep_within(table, rooms) if rooms else {}
    if cuts:
        units = {unit: sum(row.cells.get(unit, 0) for row in table.rows) for unit in units}
    outcomes = tuple(_of_rule(one, table, exact, trims, cuts.get(one.place, UNCUT)) for one in looked)
    return Outcome(
        points=sum(units.values()),
        amount=facts.amount,
        lines=_lines(facts, units),
        rest=units.get(len(facts.lines), 0),
        fixed=units.get(len(facts.parts), 0),
        rules=outcomes,
        given=tuple(_given(table, facts)),
        counted=_counted(looked, table, facts),
        spent=spent_of(table, rooms) if rooms else (),
    )


def _limited(
    table: Table, looked: Sequence[Looked], facts: Facts, uses: Mapping[Counter, int], rounding: Rounding
) -> Trims:
    trims: Trims = {}
    for one in looked:
        limits = [each for each in one.rule.limits if isinstance(each, MostPoints)]
        if not limits or one.place not in table.counting:
            continue
        counters = [counter_of(one.rule, each, facts.day) for each in limits]
        rooms = [(each, each.most - uses.get(counter, 0)) for each, counter in zip(limits, counters, strict=True)]
        trimmed, by = limit(table, one.place, rooms, rounding)
        if trimmed:
            trims[one.place] = counters[by], trimmed
    return trims


def _of_rule(one: Looked, table: Table, exact: Mapping[int, int], trims: Trims, cut: Cut) -> RuleOutcome:
    points = table.sum_given(one.place)
    by, trimmed = trims.get(one.place, (one.limit, 0))
    return RuleOutcome(
        rule_id=one.rule.id,
        is_met=one.why not in _NEVER_MET,
        why=None if points else Why.BUDGET if cut.points else _why(one, table, trims),
        points=points,
        exact=Fraction(exact.get(one.place, 0), table.denominator),
        limit=by,
        trimmed=trimmed,
        budget=cut.code,
        cut=cut.points,
        pending_days=one.rule.pending_days,
        lifetime=one.rule.lifetime,
    )


def _why(one: Looked, table: Table, trims: Trims) -> Why:
    if one.why:
        return one.why
    if one.place in trims:
        return Why.LIMIT
    return Why.NO_POINTS if one.place in table.counting else Why.STACKING


def _lines(facts: Facts, units: Mapping[int, int]) -> tuple[LineOutcome, ...]:
    return tuple(
        LineOutcome(line.line_id, line.amount, line.quantity, units.get(unit, 0))
        for unit, line in enumerate(facts.lines)
    )


def _given(table: Table, facts: Facts) -> list[Given]:
    return [
        Given(row.giver.rule.id, row.base.rule.id, *_place(unit, facts), points)
        for row in table.rows
        for unit, points in sorted(row.cells.items())
        if points
    ]


def _place(unit: int, facts: Facts) -> tuple[Part, str | None]:
    if unit < len(facts.lines):
        return Part.LINE, facts.lines[unit].line_id
    return (Part.REST if unit == len(facts.lines) else Part.FIXED), None


def _counted(looked: Sequence[Looked], table: Table, facts: Facts) -> tuple[tuple[Counter, int], ...]:
    """Return a use for each rule that gave a point, and the points that its limits count."""
    counts = [
        (counter_of(one.rule, each, facts.day), _count(one, each, table)) for one in looked for each in one.rule.limits
    ]
    return tuple((counter, count) for counter, count in counts if count)


def _count(one: Looked, each: Limit, table: Table) -> int:
    if isinstance(each, MostUses):
        return 1 if table.sum_given(one.place) else 0
    return table.sum_limited(one.place)
