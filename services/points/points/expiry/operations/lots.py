"""The end of lots whose time has passed."""

from collections.abc import Callable
from datetime import datetime

from points.expiry import queries
from points.expiry.locks import try_expiry_job, wait_for_expiry_job
from points.ledger.operations.endings import expiries
from points.ledger.posting import post
from shared.db import unit_of_work
from shared.errors import DomainError

Progress = Callable[[int, int], None]
LOTS_AT_ONCE = 5000


def expire_lots(
    *, at: datetime, as_of: datetime | None = None, limit: int = 1000, waits: bool = False
) -> tuple[int, int]:
    """Expire the lots whose time has passed at `as_of` (now, when left out), oldest expiry first.

    Returns how many lots were due and how many points ended; `limit` bounds one transaction, so call
    again while lots are due. Whoever runs it, and however often, a lot ends once: nothing is due while
    another run is at it, unless the caller `waits` for its turn.
    """
    as_of = as_of or at
    with unit_of_work():
        if waits:
            wait_for_expiry_job()
        elif not try_expiry_job():
            return 0, 0
        postings = expiries(queries.lots_due(as_of=as_of, limit=limit), at)
        outcomes = post(postings, at=at, as_of=as_of)
        return len(postings), sum(fact.points for fact in outcomes if not isinstance(fact, DomainError))


def expire_all(
    *,
    at: datetime,
    as_of: datetime | None = None,
    limit: int = LOTS_AT_ONCE,
    batches: int | None = None,
    waits: bool = False,
    progress: Progress | None = None,
) -> tuple[int, int]:
    """Expire everything that is due, in as many transactions as it takes or at most so many batches.

    Returns how many lots were due and how many points ended; after each batch `progress` is told both. While another
    run is at it, it leaves the rest to that one, unless the caller `waits` for its turn.
    """
    lots = points = done = 0
    while batches is None or done < batches:
        due, ended = expire_lots(at=at, as_of=as_of, limit=limit, waits=waits)
        if not due:
            break
        lots, points, done = lots + due, points + ended, done + 1
        if progress:
            progress(lots, points)
    return lots, points
