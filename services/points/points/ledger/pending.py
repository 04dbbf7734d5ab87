"""The rows of pending points, read and written in one statement each."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from points.ledger.rules.values import Decided, Pending, PendingState
from shared.db import Prepared, Row, array, rows, rows_in_order, text_array

_FIELDS = Pending.__struct_fields__
_COLUMNS = ", ".join(
    f"a.{name}" if name in ("programme_id", "member_id") else "p.closed_by_id" if name == "closed_by" else f"p.{name}"
    for name in _FIELDS
)
_READ = f"""
SELECT {_COLUMNS} FROM (
    SELECT p.id FROM (SELECT unnest(%(named)s::uuid[]) AS id) p UNION
    SELECT p.id FROM (SELECT unnest(%(accounts)s::bigint[]) AS id) one CROSS JOIN LATERAL (
        SELECT id FROM pending_points p WHERE p.account_id = one.id AND p.state = 'pending'
            AND p.due_at <= %(at)s::timestamptz OFFSET 0) p
) one CROSS JOIN LATERAL (SELECT * FROM pending_points p WHERE p.id = one.id OFFSET 0) p
CROSS JOIN LATERAL (SELECT * FROM account a WHERE a.id = p.account_id OFFSET 0) a
ORDER BY p.due_at, p.id
"""
_WRITE = Prepared(
    "ledger_pending",
    """
INSERT INTO pending_points (id, account_id, points, remaining, activated, state, on_event, due_at, expires_at,
    reference, created_at)
SELECT id, account_id, points, points, 0, 'pending', on_event, due_at, expires_at, reference, created_at
FROM unnest(%(new_id)s::uuid[], %(new_account_id)s::bigint[], %(new_points)s::bigint[], %(new_on_event)s::text[],
        %(new_due_at)s::timestamptz[], %(new_expires_at)s::timestamptz[], %(new_reference)s::text[],
        %(new_created_at)s::timestamptz[])
    AS n (id, account_id, points, on_event, due_at, expires_at, reference, created_at)
""",
    """
UPDATE pending_points SET state = u.state, remaining = u.remaining, activated = u.activated, closed_at = u.closed_at,
    closed_by_id = u.closed_by
FROM unnest(%(changed_id)s::uuid[], %(changed_state)s::text[], %(changed_remaining)s::bigint[],
        %(changed_activated)s::bigint[], %(changed_closed_at)s::timestamptz[], %(changed_closed_by)s::uuid[])
    AS u (id, state, remaining, activated, closed_at, closed_by) WHERE pending_points.id = u.id
""",
)
_DUE = """
SELECT id FROM pending_points WHERE state = 'pending' AND activated = 0 AND due_at <= %s ORDER BY due_at, id LIMIT %s
"""
_NEXT_DUE = """
SELECT due_at FROM pending_points WHERE state = 'pending' AND activated = 0 AND due_at > %s ORDER BY due_at, id LIMIT 1
"""
_WAITING = f"""
SELECT {_COLUMNS} FROM account a CROSS JOIN LATERAL (
    SELECT * FROM pending_points p WHERE p.account_id = a.id AND p.state = 'pending' AND p.on_event = %(event)s
        AND p.due_at > %(at)s::timestamptz
        AND (%(reference)s::text IS NULL OR p.reference = %(reference)s::text) OFFSET 0) p
WHERE a.programme_id = %(programme)s AND a.member_id = %(member)s
ORDER BY p.due_at, p.id
"""
_NEXT = """
SELECT due_at, sum(remaining)::bigint FROM pending_points
WHERE account_id = %s AND state = 'pending' AND on_event = '' AND due_at > %s GROUP BY due_at ORDER BY due_at LIMIT 1
"""
_BEHIND = f"""
SELECT {_COLUMNS} FROM (
    (SELECT * FROM pending_points WHERE id = %(id)s OFFSET 0)
    UNION ALL (SELECT * FROM pending_points WHERE closed_by_id = %(id)s OFFSET 0)
) p CROSS JOIN LATERAL (SELECT * FROM account a WHERE a.id = p.account_id OFFSET 0) a LIMIT 1
"""


def read(*, named: Sequence[UUID] = (), accounts: Sequence[int] = (), at: datetime | None = None) -> list[Pending]:
    """Return the named pending points, and those of these accounts whose time has come; the earliest first.

    The states can be relied on while their accounts are locked, because whoever changes one locks its account.
    """
    return [_pending(row) for row in rows(_READ, {"named": array(named), "accounts": array(accounts), "at": at})]


def behind(transaction_id: UUID) -> Pending | None:
    """Return the pending points that a transaction made or closed."""
    found = rows(_BEHIND, {"id": transaction_id})
    return _pending(found[0]) if found else None


def waiting_for(
    event: str, *, programme_id: UUID, member_id: UUID, reference: str | None, at: datetime
) -> list[Pending]:
    """Return a member's pending points that still wait for an event, of one reference or of any."""
    named = {"programme": programme_id, "member": member_id, "event": event, "reference": reference, "at": at}
    return [_pending(row) for row in rows(_WAITING, named)]


def due(*, at: datetime, limit: int) -> list[UUID]:
    """Return pending points whose time has come, earliest due first."""
    return [row[0] for row in rows_in_order(_DUE, [at, limit])]


def next_due(at: datetime) -> datetime | None:
    """Return when the next pending points' time comes, after an instant."""
    found = rows_in_order(_NEXT_DUE, [at])
    return found[0][0] if found else None


def next_activation(account_id: int, *, at: datetime) -> tuple[datetime, int] | None:
    """Return when an account's next points will be activated, and how many; those that wait for an event aside."""
    found = rows(_NEXT, [account_id, at])
    return (found[0][0], found[0][1]) if found else None


def write(decided: Sequence[Decided]) -> None:
    """Write the pending points that postings made, and those that they changed as they are now; one at least."""
    touched = [(one.after.id, one.posting, each) for one in decided for each in one.movement.pending]
    made = [(account_id, each) for account_id, posting, each in touched if posting.activates]
    changed = list({each.id: each for _, posting, each in touched if not posting.activates}.values())
    _WRITE.later(
        {
            "new_id": array([each.id for _, each in made]),
            "new_account_id": array([account_id for account_id, _ in made]),
            "new_points": array([each.points for _, each in made]),
            "new_on_event": text_array([each.on_event for _, each in made]),
            "new_due_at": array([each.due_at for _, each in made]),
            "new_expires_at": array([each.expires_at for _, each in made]),
            "new_reference": text_array([each.reference for _, each in made]),
            "new_created_at": array([each.created_at for _, each in made]),
            "changed_id": array([each.id for each in changed]),
            "changed_state": array([each.state for each in changed]),
            "changed_remaining": array([each.remaining for each in changed]),
            "changed_activated": array([each.activated for each in changed]),
            "changed_closed_at": array([each.closed_at for each in changed]),
            "changed_closed_by": array([each.closed_by for each in changed]),
        }
    )


def _pending(row: Row) -> Pending:
    values = dict(zip(_FIELDS, row, strict=True))
    return Pending(**values | {"state": PendingState(values["state"])})
