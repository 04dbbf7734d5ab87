"""The installation's time in one process: read from this service's database, in memory a fifth of a second at most."""

from datetime import datetime, timedelta
from time import monotonic

from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from shared import clock
from shared.db import rows

_MEMORY_SECONDS = 0.2
_READ = 'SELECT "offset", ahead, stands_at FROM test_clock'


class Reading:
    """What `clock.now` answers in a sandbox; it never goes back.

    While the time is moved it stands, and is read each time: so no process falls behind by more than a moment.
    """

    def __init__(self) -> None:
        self._offset, self._ahead, self._stands_at = timedelta(), timedelta(), None
        self._read_at, self._latest = float("-inf"), None

    _offset: timedelta
    _ahead: timedelta
    _stands_at: datetime | None
    _latest: datetime | None

    def __call__(self, machine: datetime) -> datetime:
        """Return the installation's time at a moment of the machine's."""
        if self._is_old() and not connection.needs_rollback:
            self._read()
        found = self._stands_at or machine + self._offset
        self._latest = max(found, self._latest or found)
        return self._latest

    def ahead(self) -> timedelta:
        """Return how far the installation's time ever was ahead of the machine's."""
        self(clock.machine_now())
        return self._ahead

    def forget(self) -> None:
        """Read the time anew at the next question."""
        self._read_at = float("-inf")

    def _is_old(self) -> bool:
        return self._stands_at is not None or monotonic() - self._read_at > _MEMORY_SECONDS

    def _read(self) -> None:
        found = next(iter(rows(_READ)), (timedelta(), timedelta(), None))
        self._offset, self._ahead, self._stands_at = found
        self._read_at = monotonic()


READING = Reading()


def check_not_moved() -> None:
    """Check that the installation's time is the machine's, as it must be outside of a sandbox.

    :raises ImproperlyConfigured: it was moved.
    """
    if rows("""SELECT 1 FROM test_clock WHERE "offset" > interval '0' OR stands_at IS NOT NULL"""):
        raise ImproperlyConfigured(
            "The test clock of this database was moved: it serves in a sandbox only. Set SANDBOX=true, or make it anew."
        )
