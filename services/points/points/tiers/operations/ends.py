"""The ends of members' periods and of their overrides: each is as of its instant, once, however late."""

from datetime import datetime
from uuid import UUID

from points.ledger.locks import lock_in_programme, share_merges
from points.programmes.queries import programmes_with_tiers
from points.programmes.rules import Programme
from points.tiers.operations.moving import move
from points.tiers.queries.schemes import MEMORY
from points.tiers.rules import Schemes
from shared.db import rows_in_order, unit_of_work
from shared.testclock.due import first

# In the order of their index.
_NEXT = """
SELECT member_id FROM member_tier WHERE programme_id >= %(programme)s::uuid AND programme_id <= %(programme)s::uuid
    AND ends_at <= %(at)s::timestamptz ORDER BY programme_id, ends_at, member_id LIMIT %(limit)s
"""
_FIRST_AFTER = """
SELECT ends_at FROM member_tier WHERE programme_id >= %(programme)s::uuid AND programme_id <= %(programme)s::uuid
    AND ends_at > %(at)s::timestamptz ORDER BY programme_id, ends_at LIMIT 1
"""


def judge_periods(*, at: datetime, limit: int = 1_000, batches: int = 200) -> int:
    """Judge the tiers of members whose periods or overrides are over at an instant; return how many members that were.

    Pieces of at most `limit` members are transactions of their own, at most so many of them: whoever runs it, and
    wherever it was killed, the next run goes on. What was posted since a boundary has judged it before, so that
    nothing is judged twice and nothing by what came after it.
    """
    judged = 0
    for programme, schemes in with_tiers():
        while batches and (count := _judge_next(programme, schemes, at=at, limit=limit)):
            judged += count
            batches -= 1
    return judged


def next_end(at: datetime) -> datetime | None:
    """Return when the next periods or overrides end, after an instant."""
    return first(_next_of(programme.id, at=at) for programme, _ in with_tiers())


def _next_of(programme_id: UUID, *, at: datetime) -> datetime | None:
    found = rows_in_order(_FIRST_AFTER, {"programme": programme_id, "at": at})
    return found[0][0] if found else None


def with_tiers() -> list[tuple[Programme, Schemes]]:
    """Return the programmes that have tiers, and what they say of them this moment."""
    MEMORY.invalidate()
    found = [(one, MEMORY.find(one.id)) for one in programmes_with_tiers()]
    return [(one, schemes) for one, schemes in found if schemes]


def _judge_next(programme: Programme, schemes: Schemes, *, at: datetime, limit: int) -> int:
    """Judge the next members; return how many these are. Whoever is judged by another meanwhile is left as they are."""
    with unit_of_work():
        # Whoever was merged meanwhile would begin anew.
        share_merges()
        window = {"programme": programme.id, "at": at, "limit": limit}
        members: list[UUID] = [member_id for (member_id,) in rows_in_order(_NEXT, window)]
        if members:
            lock_in_programme(programme.id, members)
            move(programme, schemes, dict.fromkeys(members, ()), at=at)
        return len(members)
