"""Keeping the inbox small."""

from datetime import datetime, timedelta

from shared.db import execute

# Far longer than any message is sent again (an hour between tries).
KEPT = timedelta(days=30)
CHUNK = 5000


def purge_inbox(*, at: datetime) -> int:
    """Remove inbox rows older than 30 days, in chunks that hold few locks; return how many."""
    removed = 0
    while gone := execute(
        "DELETE FROM inbox WHERE message_id IN (SELECT message_id FROM inbox WHERE received_at < %s LIMIT %s)",
        [at - KEPT, CHUNK],
    ):
        removed += gone
    return removed
