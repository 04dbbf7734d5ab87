"""What was due of an account at a past instant though no posting had done it yet: holds and pending points."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from points.ledger.rules.values import Hold, HoldState, Lot, Pending
from shared.db import Row, rows

# A hold that was over could only be given back, so what it took is all there; lots end as they ended then. One that is
# extended later was not over: its end only moves on.
# Held still, or freed by a transaction since then: so reading costs what happened since.
_HOLDS = """
SELECT h.id, h.points, h.reference, h.expires_at, h.created_at, x.lot_id, x.points,
    coalesce(later.previous_expires_at, l.expires_at), l.number, coalesce(later.previous_expires_on, l.expires_on)
FROM (
    SELECT * FROM hold WHERE account_id = %(account)s AND state = 'held' AND expires_at <= %(at)s
    UNION ALL
    SELECT h.* FROM points_transaction freed
    CROSS JOIN LATERAL (SELECT * FROM hold WHERE release_id = freed.id OFFSET 0) h
    WHERE freed.account_id = %(account)s AND freed.version > %(version)s
        AND h.account_id = %(account)s AND h.expires_at <= %(at)s
) h
CROSS JOIN LATERAL (SELECT version FROM points_transaction WHERE id = h.id OFFSET 0) made
CROSS JOIN LATERAL (SELECT * FROM allocation WHERE transaction_id = h.id OFFSET 0) x
CROSS JOIN LATERAL (SELECT * FROM lot WHERE id = x.lot_id OFFSET 0) l
LEFT JOIN LATERAL (SELECT y.* FROM lot_extension y WHERE y.lot_id = l.id AND y.version > %(version)s
    ORDER BY y.version LIMIT 1) later ON true
WHERE made.version <= %(version)s
ORDER BY h.expires_at, h.id, 8, l.number, l.id
"""
# Whoever posts closes first what is due, so what was left then is what was closed, or is still left.
_PENDING = """
SELECT p.id, p.points, coalesce(closed.points, p.remaining), p.on_event, p.due_at, p.expires_at, p.created_at
FROM pending_points p CROSS JOIN LATERAL (SELECT * FROM points_transaction made WHERE made.id = p.id OFFSET 0) made
LEFT JOIN LATERAL (SELECT * FROM points_transaction closed WHERE closed.id = p.closed_by_id OFFSET 0) closed ON true
WHERE p.account_id = %(account)s AND p.due_at <= %(at)s AND made.posted_at <= %(at)s
    AND (p.state = 'pending' OR (closed.version > %(version)s AND closed.kind IN ('activated', 'cancelled')))
ORDER BY p.due_at, p.id
"""
_OF_HOLD = 5


def holds_then(whose: tuple[UUID, UUID], *, account: int, version: int, at: datetime) -> list[Hold]:
    """Return the holds that were over at an instant and still open, when the account had so many entries."""
    found = rows(_HOLDS, {"account": account, "version": version, "at": at})
    return [_hold(whose, fixed, list(group)) for fixed, group in groupby(found, key=lambda row: row[:_OF_HOLD])]


def pending_then(whose: tuple[UUID, UUID], *, account: int, version: int, at: datetime) -> list[Pending]:
    """Return the pending points whose time had come at an instant and that nobody had closed yet."""
    return [_pending(whose, row) for row in rows(_PENDING, {"account": account, "version": version, "at": at})]


def _hold(whose: tuple[UUID, UUID], fixed: Row, found: Sequence[Row]) -> Hold:
    hold_id, points, reference, expires_at, created_at = fixed
    return Hold(
        id=hold_id,
        programme_id=whose[0],
        member_id=whose[1],
        points=points,
        state=HoldState.HELD,
        captured=0,
        reference=reference,
        expires_at=expires_at,
        created_at=created_at,
        lots=tuple(Lot(*row[_OF_HOLD:]) for row in found),
    )


def _pending(whose: tuple[UUID, UUID], row: Row) -> Pending:
    pending_id, points, remaining, on_event, due_at, expires_at, created_at = row
    return Pending(
        id=pending_id,
        programme_id=whose[0],
        member_id=whose[1],
        points=points,
        remaining=remaining,
        on_event=on_event,
        due_at=due_at,
        expires_at=expires_at,
        created_at=created_at,
    )
