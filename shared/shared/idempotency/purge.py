"""Removing old idempotency records."""

from datetime import datetime, timedelta

from shared.purging import purge_older

# A day is promised to clients; a week is kept.
KEPT = timedelta(days=7)
_OLD = """
DELETE FROM idempotency_record WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM idempotency_record WHERE created_at < %s ORDER BY created_at LIMIT %s))
"""


def purge_records(*, at: datetime) -> int:
    """Remove records older than a week; return how many."""
    return purge_older(_OLD, at - KEPT)
