"""Removing what is kept long enough, in chunks that hold few locks."""

from datetime import datetime
from uuid import UUID

from shared.db import execute

CHUNK = 5000


def purge_older(sql: str, before: datetime | UUID) -> int:
    """Remove what is older, by a statement that is given an instant or id and how many rows to remove at most.

    It finds them by physical address and in the order of an index, `WHERE ctid = ANY (ARRAY(SELECT ctid … ORDER BY …
    LIMIT %s))`: else a plan may read the whole of a table for one chunk of it. Return how many were removed.
    """
    removed = 0
    while gone := execute(sql, [before, CHUNK]):
        removed += gone
    return removed
