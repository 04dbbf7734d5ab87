"""The rows of holds: read with the lots they took from, and written in one statement each."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from points.ledger.extensions import end_before
from points.ledger.rules.values import Decided, Hold, HoldState, Lot
from shared.db import Prepared, Row, array, execute, rows, rows_in_order, text_array

_FIELDS = (
    "id", "programme_id", "member_id", "points", "state", "captured", "reference", "expires_at", "created_at",
    "closed_at", "capture_id", "release_id",
)  # fmt: skip
_COLUMNS = ", ".join(f"a.{name}" if name in ("programme_id", "member_id") else f"h.{name}" for name in _FIELDS)
# A capture spent the first points in the order of then, whatever activities moved since; by their ids where a
# transfer brought two that end together by now, so that each reading has the same order.
_READ = f"""
SELECT {_COLUMNS}, x.lot_id, x.points, l.expires_at, l.number, l.expires_on
FROM (
    SELECT h.id FROM (SELECT unnest(%(named)s::uuid[]) AS id) h UNION
    SELECT h.id FROM (SELECT unnest(%(accounts)s::bigint[]) AS id) one CROSS JOIN LATERAL (
        SELECT id FROM hold h WHERE h.account_id = one.id AND h.state = 'held'
            AND h.expires_at <= %(at)s::timestamptz OFFSET 0) h
) one CROSS JOIN LATERAL (SELECT * FROM hold h WHERE h.id = one.id OFFSET 0) h
CROSS JOIN LATERAL (SELECT * FROM account a WHERE a.id = h.account_id OFFSET 0) a
CROSS JOIN LATERAL (SELECT * FROM allocation x WHERE x.transaction_id = h.id OFFSET 0) x
CROSS JOIN LATERAL (SELECT * FROM lot l WHERE l.id = x.lot_id OFFSET 0) l
LEFT JOIN LATERAL (SELECT * FROM points_transaction c WHERE c.id = h.capture_id OFFSET 0) c ON true
ORDER BY h.expires_at, h.id, {end_before("c.version")}, l.number, l.id
"""
_WRITE = Prepared(
    "ledger_holds",
    """
INSERT INTO hold (id, account_id, points, state, captured, reference, expires_at, created_at)
SELECT id, account_id, points, 'held', 0, reference, expires_at, created_at
FROM unnest(%(new_id)s::uuid[], %(new_account_id)s::bigint[], %(new_points)s::bigint[], %(new_reference)s::text[],
        %(new_expires_at)s::timestamptz[], %(new_created_at)s::timestamptz[])
    AS n (id, account_id, points, reference, expires_at, created_at)
""",
    """
UPDATE hold SET state = u.state, captured = u.captured, closed_at = u.closed_at, capture_id = u.capture_id,
    release_id = u.release_id
FROM unnest(%(closed_id)s::uuid[], %(closed_state)s::text[], %(closed_captured)s::bigint[],
        %(closed_at)s::timestamptz[], %(closed_capture_id)s::uuid[], %(closed_release_id)s::uuid[])
    AS u (id, state, captured, closed_at, capture_id, release_id) WHERE hold.id = u.id
""",
)
_EXTEND = "UPDATE hold SET expires_at = greatest(expires_at, %s) WHERE id = %s"
_DUE = "SELECT id FROM hold WHERE state = 'held' AND captured = 0 AND expires_at <= %s ORDER BY expires_at, id LIMIT %s"

_NEXT_DUE = """
SELECT expires_at FROM hold WHERE state = 'held' AND captured = 0 AND expires_at > %s ORDER BY expires_at, id LIMIT 1
"""


def read(*, named: Sequence[UUID] = (), accounts: Sequence[int] = (), at: datetime | None = None) -> list[Hold]:
    """Return the named holds, and the open ones of these accounts whose time has passed; earliest expiry first.

    The states can be relied on while their accounts are locked, because whoever closes a hold locks its account.
    """
    found = rows(_READ, {"named": array(named), "accounts": array(accounts), "at": at})
    return [_hold(fixed, list(group)) for fixed, group in groupby(found, key=lambda row: row[: len(_FIELDS)])]


def due(*, at: datetime, limit: int) -> list[UUID]:
    """Return open holds whose time has passed, oldest expiry first."""
    return [row[0] for row in rows_in_order(_DUE, [at, limit])]


def next_due(at: datetime) -> datetime | None:
    """Return when the next open hold is over, after an instant."""
    found = rows_in_order(_NEXT_DUE, [at])
    return found[0][0] if found else None


def open_in(accounts: Sequence[int]) -> list[UUID]:
    """Return the holds of these accounts that nobody has closed."""
    found = rows("SELECT id FROM hold WHERE account_id = ANY(%s::bigint[]) AND state = 'held'", [array(accounts)])
    return [row[0] for row in found]


def write(decided: Sequence[Decided]) -> None:
    """Write the holds that postings made, and those that they closed as they are now; one at least."""
    last = {one.movement.hold.id: (one.after.id, one.movement.hold) for one in decided if one.movement.hold}
    made = [(account_id, hold) for account_id, hold in last.values() if hold.state == HoldState.HELD]
    closed = [hold for _, hold in last.values() if hold.state != HoldState.HELD]
    _WRITE.later(
        {
            "new_id": array([hold.id for _, hold in made]),
            "new_account_id": array([account_id for account_id, _ in made]),
            "new_points": array([hold.points for _, hold in made]),
            "new_reference": text_array([hold.reference for _, hold in made]),
            "new_expires_at": array([hold.expires_at for _, hold in made]),
            "new_created_at": array([hold.created_at for _, hold in made]),
            "closed_id": array([hold.id for hold in closed]),
            "closed_state": array([hold.state for hold in closed]),
            "closed_captured": array([hold.captured for hold in closed]),
            "closed_at": array([hold.closed_at for hold in closed]),
            "closed_capture_id": array([hold.capture_id for hold in closed]),
            "closed_release_id": array([hold.release_id for hold in closed]),
        }
    )


def extend(hold_id: UUID, *, expires_at: datetime) -> None:
    """Let an open hold end later; its account is locked."""
    execute(_EXTEND, [expires_at, hold_id])


def _hold(fixed: Row, found: Sequence[Row]) -> Hold:
    values = dict(zip(_FIELDS, fixed, strict=True))
    lots = tuple(Lot(*row[len(_FIELDS) :]) for row in found)
    return Hold(**values | {"state": HoldState(values["state"])}, lots=lots)
