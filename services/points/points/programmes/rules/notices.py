"""Which points members are to be told of before they end. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

_DAY = timedelta(days=1)


class Window(NamedTuple):
    """Points that are to be told of as ending in `days` days: those whose last day is one of these, both included."""

    days: int
    first: date
    last: date


def due_windows(notice_days: Sequence[int], *, told_until: Mapping[int, date], today: date) -> Iterator[Window]:
    """Yield what is to be told today, so that each day is told of once for each number of days.

    `told_until` is how far each number was told; a run that was missed is made up for. Where a shorter notice is due as
    well, it is told alone, and nothing is told of what has ended.
    """
    shorter = -_DAY
    for days in sorted(notice_days):
        reached = told_until.get(days, today) + _DAY
        first = max(today + shorter + _DAY, reached if days in told_until else today)
        last = today + days * _DAY
        if first <= last:
            yield Window(days, first, last)
        shorter = days * _DAY
