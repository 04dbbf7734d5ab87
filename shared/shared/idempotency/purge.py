"""Removing old idempotency records, in chunks that never hold many locks."""

from datetime import datetime, timedelta

from shared.db import execute

# A day is promised to clients; a week is kept.
KEPT = timedelta(days=7)
CHUNK = 5000


def purge_records(*, at: datetime) -> int:
    """Remove records older than a week; return how many."""
    removed = 0
    while gone := execute(
        "DELETE FROM idempotency_record WHERE id IN (SELECT id FROM idempotency_record WHERE created_at < %s LIMIT %s)",
        [at - KEPT, CHUNK],
    ):
        removed += gone
    return removed
