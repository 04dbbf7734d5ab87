"""What budgets leave of whole points: they are cut last, once everything is rounded."""

from collections.abc import Sequence

from points.earning.rules.engine.rooms import UNCUT, Cut, Room, Spent
from points.earning.rules.engine.table import Row, Table
from shared.money import share


def keep_within(table: Table, rooms: Sequence[Room]) -> dict[int, Cut]:
    """Cut the whole points of a table to what budgets have left, one after the other; return what each rule lost.

    What is left is shared among all points of the budget, in the proportion of these, by largest remainder.
    """
    cuts: dict[int, Cut] = {}
    for room in rooms:
        rows = _rows_of(table, room)
        points = _sum(rows)
        if (allowed := _allowed(room, points)) < points:
            _cut(rows, allowed, room.code, cuts)
    return cuts


def spent_of(table: Table, rooms: Sequence[Room]) -> tuple[Spent, ...]:
    """Return what the points of a table use of budgets."""
    sums = [(room, _sum(_rows_of(table, room))) for room in rooms]
    counts = [(room, points if room.of == "points" else 1) for room, points in sums if points]
    return tuple(Spent(room.place, room.rule_id, room.of, count) for room, count in counts)


def keep_plain(points: int, rooms: Sequence[Room]) -> tuple[int, Cut, tuple[Spent, ...]]:
    """Return what budgets leave of points that no rule gave, what they cut of these, and what is used of them."""
    left, cut = points, UNCUT
    for room in rooms:
        if (allowed := _allowed(room, left)) < left:
            left, cut = allowed, Cut(room.code, points - allowed)
    counts = [(room, left if room.of == "points" else 1) for room in rooms] if left else []
    return left, cut, tuple(Spent(room.place, None, room.of, count) for room, count in counts)


def _rows_of(table: Table, room: Room) -> list[Row]:
    """Return what a budget counts: of one rule what it gives itself, which multipliers made no more."""
    return [row for row in table.rows if room.rule_id is None or row.giver.rule.id == room.rule_id]


def _sum(rows: Sequence[Row]) -> int:
    return sum(sum(row.cells.values()) for row in rows)


def _allowed(room: Room, points: int) -> int:
    if room.of == "uses":
        return points if room.left > 0 else 0
    if points <= room.left:
        return points
    return 0 if room.beyond == "refuse" else max(0, room.left)


def _cut(rows: Sequence[Row], allowed: int, code: str, cuts: dict[int, Cut]) -> None:
    cells = sorted((unit, number) for number, row in enumerate(rows) for unit in row.cells)
    points = [rows[number].cells[unit] for unit, number in cells]
    for (unit, number), before, after in zip(cells, points, share(allowed, points), strict=True):
        rows[number].cells[unit] = after
        if before > after:
            place = rows[number].giver.place
            cuts[place] = Cut(code, before - after + (cuts[place].points if place in cuts else 0))
