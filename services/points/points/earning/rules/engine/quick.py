"""Points by rule of many purchases, for whoever asks no more: the same numbers as `evaluate`, several times as fast.

What rules give to a unit is so many points of each cent of its part, or of each of its pieces, whatever these are. That
is remembered for each way in which purchases meet the rules; the table is made for the first one of each way alone.
"""

from collections.abc import Sequence

from msgspec import Struct

from points.earning.rules.engine.looking import ReadyRules, look, met
from points.earning.rules.engine.rounding import apportioned, rounded
from points.earning.rules.engine.table import Table, table_of
from points.earning.rules.facts import Facts
from points.earning.rules.rule import (
    Counter,
    Fixed,
    MostPoints,
    PerAmount,
    PerQuantity,
    Rounding,
    Stacking,
    Trigger,
    counter_of,
)

# Of ways; a purchase of hundreds of lines is one of its own.
_MOST = 10_000


class Tally(Struct, frozen=True):
    """What was earned: in all, by each rule that gave a point at least, and what the member's counters grow by."""

    points: int
    rules: Sequence[tuple[str, int]]
    counted: Sequence[tuple[Counter, int]]


class _Plan(Struct, frozen=True):
    """What purchases that meet the rules in one way get, over one denominator.

    `cells` has for each unit what it gets: so many points of each one of a number, which is a unit's part, its pieces,
    or 1. `places` are those of the rules that give it, in the order of the table.
    """

    denominator: int
    cells: list[list[tuple[int, int]]]
    places: list[list[int]]


_Way = tuple[object, ...]


def can_be_quick(rules: ReadyRules) -> bool:
    """Tell whether `QuickRules` answers for these rules: no limit of points comes before the rounding, and which rule
    is best for a unit does not depend on how much it cost for how many pieces."""
    found = [one.rule for one in rules.by_trigger.get(Trigger.PURCHASE, ())]
    kinds = {type(rule.effect) for rule in found}
    is_capped = any(isinstance(limit, MostPoints) for rule in found for limit in rule.limits)
    return not is_capped and not (rules.stacking is Stacking.BEST and {PerAmount, PerQuantity} <= kinds)


class QuickRules:
    """Rules that are asked about many purchases, with what they gave in each way in which these met them."""

    def __init__(self, rules: ReadyRules, rounding: Rounding) -> None:
        self._rules, self._rounding = rules, rounding
        self._found = rules.by_trigger.get(Trigger.PURCHASE, ())
        self._plans: dict[_Way, _Plan] = {}

    def tally(self, facts: Facts, uses: dict[Counter, int]) -> Tally:
        """Return what `evaluate` does of a purchase's points, by rule, and of counters."""
        those = met(self._found, facts, uses)
        counts = [0 if one.values is None else one.quantity for one in facts.lines]
        # Of each unit its part, then of each line its pieces, then of all that is fixed.
        numbers = [*facts.parts, *counts, 1]
        way = tuple(those), tuple(map(bool, numbers))
        if (plan := self._plans.get(way)) is None:
            looked = [one for one in look(self._rules, facts, uses) if one.why is None]
            table = table_of(looked, facts, self._rules.stacking)
            plan = self._remember(way, _plan_of(table, numbers, len(facts.parts)))
        total, given = _given(plan, numbers, self._rounding)
        gave = [(self._found[place].rule, points) for place, _ in those if (points := given.get(place))]
        counted = [(counter_of(rule, limit, facts.day), 1) for rule, _ in gave for limit in rule.limits]
        return Tally(total, [(rule.id, points) for rule, points in gave], counted)

    def _remember(self, way: _Way, plan: _Plan) -> _Plan:
        if len(self._plans) >= _MOST:
            self._plans.clear()
        self._plans[way] = plan
        return plan


def _plan_of(table: Table, numbers: Sequence[int], parts: int) -> _Plan:
    cells: dict[int, list[tuple[int, int]]] = {}
    places: dict[int, list[int]] = {}
    for row in table.rows:
        kind = type(row.base.rule.effect)
        for unit, number in row.cells.items():
            of = unit if kind is PerAmount else -1 if kind is Fixed else parts + unit
            cells.setdefault(unit, []).append((number // numbers[of], of))
            places.setdefault(unit, []).append(row.giver.place)
    units = sorted(cells)
    return _Plan(table.denominator, [cells[unit] for unit in units], [places[unit] for unit in units])


def _given(plan: _Plan, numbers: Sequence[int], rounding: Rounding) -> tuple[int, dict[int, int]]:
    """Return all points, and those of each rule by its place: rounded once, as `round_once` does."""
    denominator, given = plan.denominator, dict[int, int]()
    exact = [[times * numbers[of] for times, of in cells] for cells in plan.cells]
    sums = [sum(those) for those in exact]
    total = rounded(sum(sums), denominator, rounding)
    units = apportioned(total, sums, denominator)
    for places, those, points in zip(plan.places, exact, units, strict=True):
        whole = [points] if len(those) == 1 else apportioned(points, those, denominator)
        for place, count in zip(places, whole, strict=True):
            given[place] = given.get(place, 0) + count
    return total, given
