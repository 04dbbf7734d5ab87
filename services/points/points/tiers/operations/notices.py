"""Members told that they would fall at their period's end: each once in a period, as of the instant, however late."""

from datetime import date, datetime, timedelta
from uuid import UUID

from points.ledger.locks import lock_in_programme, share_merges
from points.programmes.rules import Programme
from points.tiers.operations.ends import with_tiers
from points.tiers.operations.moving import move
from points.tiers.rules import Schemes
from points.tiers.rules.periods import instant_of
from shared.db import rows_in_order, unit_of_work
from shared.testclock.due import first
from shared.zones import local_day

# In the order of their index.
_OF = "WHERE programme_id >= %(programme)s::uuid AND programme_id <= %(programme)s::uuid AND NOT is_told"
_NEXT = f"""
SELECT member_id FROM member_tier {_OF} AND ends <= %(day)s::date
ORDER BY programme_id, ends, member_id LIMIT %(limit)s
"""
_FIRST_AFTER = f"SELECT ends FROM member_tier {_OF} AND ends > %(day)s::date ORDER BY programme_id, ends LIMIT 1"


def tell_expiring(*, at: datetime, limit: int = 1_000, batches: int = 100) -> int:
    """Tell members who would fall at their period's end, were nothing earned until then; return how many were told.

    As many days before it as the programme says, once in each period. Pieces of at most `limit` members are
    transactions of their own, at most so many of them: wherever it was killed, the next run goes on. What was posted
    since a notice was due has told it before, so that nobody is told by what came after it.
    """
    told = 0
    for programme, schemes in with_tiers():
        if (day := _last_day(schemes, at=at)) is None:
            continue
        while batches and (found := _tell_next(programme, schemes, day, at=at, limit=limit)) is not None:
            told += found
            batches -= 1
    return told


def next_notice(at: datetime) -> datetime | None:
    """Return when the next members are due to be told, after an instant."""
    return first(_next_of(*found, at=at) for found in with_tiers())


def _last_day(schemes: Schemes, *, at: datetime) -> date | None:
    """Return the last of the ends of which members are to be told by an instant; None where nobody is told."""
    days = schemes.at(at).notice_days
    return None if days is None else local_day(at, schemes.timezone) + timedelta(days=days)


def _next_of(programme: Programme, schemes: Schemes, *, at: datetime) -> datetime | None:
    if (day := _last_day(schemes, at=at)) is None:
        return None
    found = rows_in_order(_FIRST_AFTER, {"programme": programme.id, "day": day})
    ahead = day - local_day(at, schemes.timezone)
    return instant_of(found[0][0] - ahead, schemes.timezone) if found else None


def _tell_next(programme: Programme, schemes: Schemes, day: date, *, at: datetime, limit: int) -> int | None:
    """Look at the next members; return how many of them were told, None where there are no more."""
    with unit_of_work():
        # Whoever was merged meanwhile would begin anew.
        share_merges()
        window = {"programme": programme.id, "day": day, "limit": limit}
        members: list[UUID] = [member_id for (member_id,) in rows_in_order(_NEXT, window)]
        if not members:
            return None
        lock_in_programme(programme.id, members)
        return move(programme, schemes, dict.fromkeys(members, ()), at=at)
