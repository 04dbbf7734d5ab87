"""A member's points at any past instant: today's rows less what was posted since.

An account's state then is that after the last transaction posted until then, in the order of the account's own
numbers: a state it really had, also where two processes' clocks differ. Reading costs what happened since, not
what happened before.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from points.ledger.overdue import holds_then, pending_then
from points.ledger.queries import Balance, in_order
from points.ledger.rules.due import released
from points.ledger.rules.values import Expiring, Lot
from points.programmes.queries import end_of_lot_in
from shared.db import rows


class LotThen(NamedTuple):
    """A lot that had points left."""

    id: UUID
    number: int
    points: int
    remaining: int
    active_from: datetime
    expires_at: datetime | None
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class AccountThen:
    """An account as it was; `version` is the number of its last entry then, and the lots come in spending order.

    `available` is the bucket: it counts the points of lots that had ended and that no job had booked out yet.
    """

    id: int = 0
    version: int = 0
    available: int = 0
    held: int = 0
    pending: int = 0
    deficit: int = 0
    lots: tuple[LotThen, ...] = ()


# An instant that is reckoned is looked for by the account's numbers alone, and never by the index of all instants.
_THEN = """
WITH a AS (
    SELECT account.*, coalesce((SELECT version FROM points_transaction WHERE account_id = account.id
        AND posted_at + interval '0' <= %(at)s ORDER BY version DESC LIMIT 1), 0) AS reached
    FROM account WHERE member_id = %(member)s AND programme_id = %(programme)s
), since AS (
    SELECT coalesce(sum(e.points) FILTER (WHERE bucket = 'available'), 0) AS available,
        coalesce(sum(e.points) FILTER (WHERE bucket = 'held'), 0) AS held,
        coalesce(sum(e.points) FILTER (WHERE bucket = 'pending'), 0) AS pending,
        coalesce(sum(e.points) FILTER (WHERE bucket = 'deficit'), 0) AS deficit
    FROM a JOIN entry e ON e.account_id = a.id AND e.version > a.reached
), taken AS (
    SELECT x.lot_id, sum(x.points)::bigint AS points FROM a
    JOIN points_transaction t ON t.account_id = a.id AND t.version > a.reached
    JOIN allocation x ON x.transaction_id = t.id GROUP BY x.lot_id
), touched AS (
    SELECT l.id FROM a JOIN lot l ON l.account_id = a.id AND l.is_open UNION SELECT lot_id FROM taken
), lots AS (
    SELECT l.id, l.number, l.points, l.remaining + coalesce(taken.points, 0) AS remaining, l.active_from,
        coalesce(later.previous_expires_at, l.expires_at) AS expires_at,
        coalesce(later.previous_expires_on, l.expires_on) AS expires_on
    FROM touched JOIN lot l USING (id) LEFT JOIN taken ON taken.lot_id = l.id JOIN a ON l.number <= a.reached
    LEFT JOIN LATERAL (SELECT x.* FROM lot_extension x WHERE x.lot_id = l.id AND x.version > a.reached
        ORDER BY x.version LIMIT 1) later ON true
)
SELECT a.id, a.reached, (a.available - since.available)::bigint, (a.held - since.held)::bigint,
    (a.pending - since.pending)::bigint, (a.deficit - since.deficit)::bigint, lots.*
FROM a CROSS JOIN since LEFT JOIN lots ON lots.remaining > 0 ORDER BY lots.expires_at, lots.number
"""
_WIDTH = 6


def account_at(*, programme_id: UUID, member_id: UUID, at: datetime) -> AccountThen:
    """Return a member's account as it was at an instant; empty for one who had no point yet."""
    found = rows(_THEN, {"programme": programme_id, "member": member_id, "at": at})
    if not found:
        return AccountThen()
    lots = tuple(LotThen(*row[_WIDTH:]) for row in found if row[_WIDTH])
    return AccountThen(*(*found[0][:_WIDTH], lots))


def balance_at(*, programme_id: UUID, member_id: UUID, at: datetime) -> Balance:
    """Return a member's balance as it would have been read at a past instant: what was due then counts as done."""
    then = account_at(programme_id=programme_id, member_id=member_id, at=at)
    whose = (programme_id, member_id)
    over = holds_then(whose, account=then.id, version=then.version, at=at) if then.held else []
    come = pending_then(whose, account=then.id, version=then.version, at=at) if then.pending else []
    paid, back = released(over, come, owed=-then.deficit, end_of_lot=end_of_lot_in)
    dead = sum(lot.remaining for lot in ended([*then.lots, *back], at=at))
    buckets = (
        then.available + sum(lot.remaining for lot in back) - dead,
        then.held - sum(one.points for one in over),
        then.pending - sum(one.remaining for one in come),
        then.deficit + paid,
    )
    return Balance(member_id, programme_id, *buckets, expiring([*then.lots, *back], at=at), at)


def ended(lots: Iterable[LotThen | Lot], *, at: datetime) -> list[LotThen | Lot]:
    """Return the lots whose time had passed."""
    return [lot for lot in lots if lot.expires_at is not None and lot.expires_at <= at]


def expiring(lots: Iterable[LotThen | Lot], *, at: datetime) -> tuple[Expiring, ...]:
    """Return what was still to end, added up by its end."""
    ends: dict[tuple[datetime, date | None], int] = defaultdict(int)
    for lot in lots:
        if lot.expires_at is not None and lot.expires_at > at:
            ends[lot.expires_at, lot.expires_on] += lot.remaining
    return tuple(in_order(ends))
