"""The end of lots whose time has passed."""

from collections.abc import Callable
from datetime import datetime

from points.ledger import queries
from points.ledger.locks import try_expiry_job
from points.ledger.operations.engine import post
from points.ledger.rules.values import Kind, Posting
from shared.db import unit_of_work
from shared.errors import DomainError

Progress = Callable[[int, int], None]


def expire_lots(*, at: datetime, as_of: datetime | None = None, limit: int = 1000) -> tuple[int, int]:
    """Expire the lots whose time has passed at `as_of` (now, when left out), those first that ended first.

    Returns how many lots were due and how many points ended; `limit` bounds one transaction, so call
    again while lots are due. Whoever runs it, and however often, a lot ends once: nothing is due while
    another run is at it.
    """
    as_of = as_of or at
    with unit_of_work():
        if not try_expiry_job():
            return 0, 0
        postings = [expiry(lot, at) for lot in queries.lots_due(as_of=as_of, limit=limit)]
        outcomes = post(postings, at=at, as_of=as_of)
        return len(postings), sum(fact.points for fact in outcomes if not isinstance(fact, DomainError))


def expire_all(
    *,
    at: datetime,
    as_of: datetime | None = None,
    limit: int = 2500,
    batches: int | None = None,
    progress: Progress | None = None,
) -> tuple[int, int]:
    """Expire everything that is due, in as many transactions as it takes or at most so many batches.

    Returns how many lots were due and how many points ended; after each batch `progress` is told both.
    """
    lots = points = done = 0
    while batches is None or done < batches:
        due, ended = expire_lots(at=at, as_of=as_of, limit=limit)
        if not due:
            break
        lots, points, done = lots + due, points + ended, done + 1
        if progress:
            progress(lots, points)
    return lots, points


def expiry(lot: queries.DueLot, at: datetime) -> Posting:
    """Return the posting that ends a lot whose time has passed."""
    return Posting(
        kind=Kind.EXPIRED,
        programme_id=lot.programme_id,
        member_id=lot.member_id,
        points=0,
        reference=f"lot:{lot.id}",
        reason="expired",
        # With the account's version: two runs that saw the same lot end it once, and one that gets points
        # back by a reversal may end a second time.
        source_key=f"expiry:{lot.id}:{lot.version}",
        occurred_at=min(lot.expires_at, at),
        lots=(lot.id,),
    )
