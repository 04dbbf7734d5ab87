"""The exact table of what rules give to units: base sum, multipliers, limits, and one rounding at the end."""

from collections.abc import Iterable, Sequence
from math import lcm

from msgspec import Struct

from points.earning.rules.engine.looking import Looked, Worth, stacked, worth_of
from points.earning.rules.engine.rounding import apportioned, rounded
from points.earning.rules.facts import Facts
from points.earning.rules.rule import Fixed, MostPoints, Multiplier, PerAmount, Rounding, Stacking
from shared.money import share


class Row(Struct):
    """What one rule gives of another's points, by unit: numerators, and after the rounding whole points."""

    base: Looked
    giver: Looked
    cells: dict[int, int]


class Table(Struct):
    """Rows in the order of their rules, over one denominator; `counting` has the places of all rules that count.

    `of` and `by` find the rows by the places of base and giver.
    """

    rows: list[Row]
    denominator: int
    counting: set[int]
    of: dict[int, list[Row]] = {}
    by: dict[int, list[Row]] = {}

    def __post_init__(self) -> None:
        for row in self.rows:
            self.of.setdefault(row.base.place, []).append(row)
            self.by.setdefault(row.giver.place, []).append(row)

    def sum_given(self, place: int) -> int:
        """Return what a rule gave itself."""
        return _sum(self.by.get(place, ()))

    def limited(self, place: int) -> list[Row]:
        """Return what a limit of a rule counts: of a multiplier what it gave, else what came of the rule's points."""
        return self.of.get(place) or self.by.get(place, [])

    def sum_limited(self, place: int) -> int:
        """Return how much a limit of a rule counts."""
        return _sum(self.limited(place))


def _sum(rows: Iterable[Row]) -> int:
    return sum(sum(row.cells.values()) for row in rows)


def table_of(met: Sequence[Looked], facts: Facts, stacking: Stacking) -> Table:
    """Return what rules that are met give, exactly: the sum of the bases, then each multiplier in its order."""
    fixed, multipliers, bases = _groups(met)
    amounts = [one.rule.effect.amount for one in bases if isinstance(one.rule.effect, PerAmount)]
    # Each multiplier divides by a hundred once.
    denominator = lcm(*amounts) * 100 ** len(multipliers)
    worth = worth_of(facts, denominator)
    chosen = stacked(multipliers, stacking, worth)
    rows = _multiplied(_plain(bases, stacking, worth), [(one, chosen.get(one.place, [])) for one in multipliers])
    rows += _plain(fixed, stacking, worth)
    return Table(rows, denominator, {row.base.place for row in rows} | chosen.keys())


def _groups(met: Sequence[Looked]) -> tuple[list[Looked], list[Looked], list[Looked]]:
    groups: dict[type, list[Looked]] = {}
    for one in met:
        kind = type(one.rule.effect)
        groups.setdefault(kind if kind in (Fixed, Multiplier) else PerAmount, []).append(one)
    return groups.get(Fixed, []), groups.get(Multiplier, []), groups.get(PerAmount, [])


def _plain(group: Sequence[Looked], stacking: Stacking, worth: Worth) -> list[Row]:
    chosen = stacked(group, stacking, worth)
    return [
        Row(one, one, {unit: worth(one, unit) for unit in chosen[one.place]}) for one in group if one.place in chosen
    ]


def _multiplied(bases: Sequence[Row], multipliers: Sequence[tuple[Looked, list[int]]]) -> list[Row]:
    rows = []
    for base in bases:
        rows.append(base)
        so_far = dict(base.cells)
        for one, units in multipliers:
            assert isinstance(one.rule.effect, Multiplier)
            beyond = one.rule.effect.hundredths - 100
            added = {unit: so_far[unit] * beyond // 100 for unit in units if unit in so_far}
            so_far.update({unit: so_far[unit] + more for unit, more in added.items()})
            rows += [Row(base.base, one, added)] if added else []
    return rows


def limit(table: Table, place: int, rooms: Sequence[tuple[MostPoints, int]], rounding: Rounding) -> tuple[int, int]:
    """Make whole what a rule's limits of points count, and keep it within what they have left.

    Return how many points were trimmed, and the number of the limit that did.
    """
    rows = table.limited(place)
    cells = sorted((unit, number) for number, row in enumerate(rows) for unit in row.cells)
    exact = [rows[number].cells[unit] for unit, number in cells]
    points = rounded(sum(exact), table.denominator, rounding)
    allowed, by = min((_allowed(one, room, points), number) for number, (one, room) in enumerate(rooms))
    whole = share(allowed, exact) if allowed < points else apportioned(points, exact, table.denominator)
    for (unit, number), part in zip(cells, whole, strict=True):
        rows[number].cells[unit] = part * table.denominator
    return points - allowed, by


def _allowed(one: MostPoints, room: int, points: int) -> int:
    if points <= room:
        return points
    return 0 if one.beyond == "refuse" else room


def round_once(table: Table, rounding: Rounding) -> dict[int, int]:
    """Make all cells whole points and return the points of each unit: the total is rounded, shared to units by largest
    remainder, and in each unit to its cells by largest remainder."""
    there: dict[int, list[Row]] = {}
    for row in table.rows:
        for unit in row.cells:
            there.setdefault(unit, []).append(row)
    units = sorted(there)
    sums = [sum(row.cells[unit] for row in there[unit]) for unit in units]
    total = rounded(sum(sums), table.denominator, rounding)
    points = dict(zip(units, apportioned(total, sums, table.denominator), strict=True))
    for unit in units:
        _share_unit(there[unit], unit, points[unit], table.denominator)
    return points


def _share_unit(rows: Sequence[Row], unit: int, points: int, denominator: int) -> None:
    parts = apportioned(points, [row.cells[unit] for row in rows], denominator)
    for row, part in zip(rows, parts, strict=True):
        row.cells[unit] = part
