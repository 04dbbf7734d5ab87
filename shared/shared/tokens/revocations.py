"""Which users' older tokens are refused: noted in our own database, in memory at most a second old."""

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from shared import clock
from shared.db import columns, execute
from shared.purging import purge_older
from shared.tokens.models import Revocation

# Longer than any access token lives (auth refuses to start with more), so that older notes can go.
NOTES_LIVE = timedelta(minutes=30)
_MEMORY_SECONDS = 1.0
_OLD = """
DELETE FROM revocation WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM revocation WHERE not_before < %s ORDER BY not_before LIMIT %s))
"""


class Notes:
    """The live notes in memory, read again when they are a second old."""

    def __init__(self) -> None:
        self._notes: dict[UUID, datetime] = {}
        self._read_at = float("-inf")

    def not_before(self, user_id: UUID) -> datetime | None:
        """Return since when this user's older tokens are refused, or None."""
        if time.monotonic() - self._read_at > _MEMORY_SECONDS:
            live = Revocation.objects.filter(not_before__gt=clock.machine_now() - NOTES_LIVE)
            self._notes = dict(live.values_list("user_id", "not_before"))
            self._read_at = time.monotonic()
        return self._notes.get(user_id)

    def invalidate(self) -> None:
        """Read the notes anew at the next question."""
        self._read_at = float("-inf")


NOTES = Notes()


def revoke_older_tokens(*, revoked: Iterable[tuple[UUID, datetime]]) -> None:
    """Note that these users' tokens from before the given instants are refused; a later note is never taken back."""
    # Each user once and in order: a statement may change a row only once, and two workers must not lock in a ring.
    execute(
        "INSERT INTO revocation (user_id, not_before)"
        " SELECT user_id, max(not_before) FROM unnest(%s::uuid[], %s::timestamptz[]) AS said (user_id, not_before)"
        " GROUP BY user_id ORDER BY user_id ON CONFLICT (user_id)"
        " DO UPDATE SET not_before = greatest(revocation.not_before, excluded.not_before)",
        columns(revoked, 2),
    )
    NOTES.invalidate()


def purge_notes(*, at: datetime) -> int:
    """Remove notes that no living token can be older than; return how many."""
    return purge_older(_OLD, at - NOTES_LIVE)
