"""What a long job says while it works."""

from collections.abc import Callable
from time import monotonic

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
