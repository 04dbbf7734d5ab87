"""How far a long job has come, and how fast it is."""

from collections.abc import Callable
from datetime import datetime
from time import monotonic
from typing import Any

EVERY_SECONDS = 5.0


class Progress:
    """Says every few seconds how far a job has come through the rows of a table, and how fast it is.

    A job that takes less than that says nothing.
    """

    def __init__(self, say: Callable[[str], object], now: Callable[[], float] = monotonic) -> None:
        self._say, self._now = say, now
        self._of, self._began = "", now()
        self._said = self._began

    def __call__(self, what: str, done: int, total: int) -> None:
        """Take note that so many of these rows are done."""
        at = self._now()
        if what != self._of:
            self._of, self._began = what, self._said
        if at - self._said >= EVERY_SECONDS:
            rate = done / (at - self._began)
            self._say(f"{what}: {done:,} of {total:,}, {rate:,.0f} a second, {(total - done) / rate:,.0f} s left")
            self._said = at


def pace(row: Any, *, total: int, at: datetime) -> tuple[int, int | None]:
    """Return how much of a job is done in a second, and in how many seconds all of it will be at that rate.

    The latter is None before its first chunk and once it has ended. The row has what a job's has, and `done`.
    """
    seconds = ((row.finished_at or at) - (row.started_at or row.created_at)).total_seconds()
    rate = round(row.done / seconds) if seconds > 0 else 0
    if row.finished_at or not row.done:
        return rate, None
    return rate, round(seconds * max(total - row.done, 0) / row.done)
