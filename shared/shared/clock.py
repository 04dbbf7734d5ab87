"""The time: read here and passed on as `at`, so that no rule ever asks for it."""

from datetime import UTC, datetime, timedelta
from time import monotonic


def now() -> datetime:
    """Return the present instant in UTC."""
    return datetime.now(UTC)


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
