"""The two clocks: read here and passed on as `at`, so that no rule ever asks for the time (docs/clock.md)."""

from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Protocol


class Reader(Protocol):
    """What makes the installation's time of the machine's; a sandbox has one (shared.testclock)."""

    def __call__(self, machine: datetime) -> datetime:
        """Return the installation's time at a moment of the machine's; never before it, and never going back."""

    def ahead(self) -> timedelta:
        """Return how far the installation's time ever was ahead of the machine's."""


_reader: Reader | None = None


def machine_now() -> datetime:
    """Return the machine's present instant in UTC: for secrets, and for what only machines see."""
    return datetime.now(UTC)


def now() -> datetime:
    """Return the installation's present instant in UTC: never before the machine's, and what all people see."""
    return _reader(machine_now()) if _reader else machine_now()


def ahead() -> timedelta:
    """Return how far the installation's clock ever was ahead of the machine's; it never becomes less."""
    return _reader.ahead() if _reader else timedelta()


def read_by(reader: Reader | None) -> None:
    """Let `now` answer what a reader makes of the machine's time."""
    global _reader
    _reader = reader


def iso(instant: datetime) -> str:
    """Write an instant as ISO-8601 in UTC with a `Z`, the one form that leaves this system."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


class Stopwatch:
    """Tells how long after `at`, the instant at which it was made, it is: when a piece of work ends that began then."""

    def __init__(self, at: datetime) -> None:
        self._at, self._began = at, monotonic()

    def now(self) -> datetime:
        """Return the present instant, as far from `at` as the time that went by."""
        return self._at + timedelta(seconds=monotonic() - self._began)
