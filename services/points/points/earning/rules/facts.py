"""What rules are asked about: a purchase or an event, its member, and the moment."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from msgspec import Struct, structs

from points.earning.rules.conditions import LINES, Field, is_of
from points.earning.rules.conditions.fields import WEEKDAYS
from points.earning.rules.rule import Trigger
from shared.money import share
from shared.zones import ZoneInfo


class Line(Struct, frozen=True, kw_only=True):
    """A line of a purchase. Ids are unique. `amount` is what it cost.

    `values` has its fields (`line.category`, …); None where the line is only the member's word, which meets no
    condition of lines and counts no pieces.
    """

    line_id: str
    amount: int
    quantity: int
    values: Mapping[str, Any] | None = None


class Facts(Struct, frozen=True, kw_only=True):
    """What happened. `amount` is what the purchase cost, and `earning` the part of it that earns; for each line, and
    last for what no line has, `parts` says how much of that is theirs."""

    trigger: Trigger
    day: date
    values: Mapping[str, Any]
    amount: int = 0
    lines: tuple[Line, ...] = ()
    parts: tuple[int, ...] = (0,)


def local_time(at: datetime, timezone: str) -> dict[str, Any]:
    """Return the fields of an instant in a time zone: reckoned here alone, so that SQL reads what is stored."""
    local = at.astimezone(ZoneInfo(timezone))
    return {"time.weekday": WEEKDAYS[local.weekday()], "time.hour": local.hour, "time.date": local.date()}


def facts_of(
    fields: Mapping[str, Field],
    *,
    trigger: Trigger,
    values: Mapping[str, Any],
    at: datetime,
    timezone: str,
    amount: int = 0,
    earning: int | None = None,
    lines: Sequence[Line] = (),
) -> Facts:
    """Return facts with what is known: a value that is unknown, or not of its field's type, is missing.

    Values are of Python's types: int, str, bool, date, datetime, and a tuple of str. Lines cost `amount` at most.
    """
    return facts_of_known(
        trigger=trigger,
        values=_known(fields, values),
        at=at,
        timezone=timezone,
        amount=amount,
        earning=earning,
        lines=tuple([_line(fields, line) for line in lines]),
    )


def facts_of_known(
    *,
    trigger: Trigger,
    values: Mapping[str, Any],
    at: datetime,
    timezone: str,
    amount: int,
    earning: int | None,
    lines: tuple[Line, ...],
) -> Facts:
    """Return facts with values that are of their fields' types, as what is read from our own rows is."""
    now = local_time(at, timezone)
    known = {**values, **now, LINES: tuple([line.values for line in lines if line.values is not None])}
    return Facts(
        trigger=trigger,
        day=now["time.date"],
        values=known,
        amount=amount,
        lines=lines,
        parts=_parts(earning, amount, lines),
    )


def _line(fields: Mapping[str, Field], line: Line) -> Line:
    if line.values is None:
        return line
    known = _known(fields, line.values)
    return line if len(known) == len(line.values) else structs.replace(line, values=known)


def _known(fields: Mapping[str, Field], values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if (field := fields.get(name)) and is_of(field, value)}


def _parts(earning: int | None, amount: int, lines: Sequence[Line]) -> tuple[int, ...]:
    """Share what earns by what was paid: a line without pieces earns nothing, and none on more than it cost."""
    rest = amount - sum([line.amount for line in lines])
    weights = [*[line.amount if line.quantity else 0 for line in lines], rest]
    whole = sum(weights)
    # Most often all that was paid earns.
    is_all = earning is None or earning >= whole
    return tuple(weights if is_all or not whole else share(earning or 0, weights))
