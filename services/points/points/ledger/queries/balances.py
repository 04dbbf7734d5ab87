"""Balances, and the lots whose time has passed."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from points.ledger import holds, pending
from points.ledger.merges import aliases
from points.ledger.rules.due import released
from points.ledger.rules.values import Expiring
from points.programmes.queries import end_of_lot_in
from shared.db import array, rows


class DueLot(NamedTuple):
    """A lot whose time has passed, and whose it is; `version` is its account's."""

    id: UUID
    programme_id: UUID
    member_id: UUID
    expires_at: datetime
    version: int
    remaining: int
    number: int
    expires_on: date | None


DUE = (
    "SELECT l.id, a.programme_id, a.member_id, l.expires_at, a.version, l.remaining, l.number, l.expires_on"
    " FROM lot l CROSS JOIN LATERAL (SELECT * FROM account a WHERE a.id = l.account_id OFFSET 0) a"
    " WHERE l.is_open AND l.expires_at <= %s"
)


def dead_lots(accounts: Collection[int], *, at: datetime) -> list[DueLot]:
    """Return the open lots of these accounts whose time has passed."""
    found = rows(f"{DUE} AND a.id = ANY(%s::bigint[]) ORDER BY l.expires_at, l.id", [at, array(list(accounts))])
    return [DueLot(*row) for row in found]


@dataclass(frozen=True, slots=True)
class Balance:
    """A member's points in one programme at one instant; `available` counts only what can be spent then.

    `expiring` are the open lots that end, by their end; `next_activation` is when pending points will be available
    next, and how many. `merged_into` is whose the points are now, where the member was merged.
    """

    member_id: UUID
    programme: UUID
    available: int
    held: int
    pending: int
    deficit: int
    expiring: tuple[Expiring, ...]
    as_of: datetime
    next_activation: tuple[datetime, int] | None = None
    merged_into: UUID | None = None


# Lots whose time has passed are not available, whether or not the nightly job has run.
_BALANCE = """
SELECT a.id, a.available, a.held, a.pending, a.deficit, a.merged_into, l.expires_at, l.expires_on, l.points
FROM account a LEFT JOIN LATERAL (
    SELECT expires_at, expires_on, sum(remaining)::bigint AS points FROM lot
    WHERE account_id = a.id AND is_open AND expires_at IS NOT NULL GROUP BY expires_at, expires_on
) l ON true WHERE a.member_id = %s AND a.programme_id = %s
"""


def in_order(ends: Mapping[tuple[datetime, date | None], int]) -> list[Expiring]:
    """Return points by their ends in the order of these."""
    return sorted((Expiring(at, points, on) for (at, on), points in ends.items()), key=lambda end: end.expires_at)


def balance(*, programme_id: UUID, member_id: UUID, at: datetime) -> Balance:
    """Return a member's balance; all zero for one who never had a point.

    It counts what is due as the next posting will find it: holds that are over as free, pending points as available.
    """
    found = rows(_BALANCE, [member_id, programme_id])
    account_id, available, held, waiting, deficit, merged_into = found[0][:6] if found else (0, 0, 0, 0, 0, None)
    ends = Counter({row[6:8]: row[8] for row in found if row[6]})
    overdue = holds.read(accounts=[account_id], at=at) if held else []
    due = pending.read(accounts=[account_id], at=at) if waiting else []
    paid, back = released(overdue, due, owed=-deficit, end_of_lot=end_of_lot_in)
    for lot in back:
        if lot.expires_at:
            ends[lot.expires_at, lot.expires_on] += lot.remaining
    available, deficit = available + sum(lot.remaining for lot in back), deficit + paid
    held, waiting = held - sum(one.points for one in overdue), waiting - sum(one.remaining for one in due)
    following = pending.next_activation(account_id, at=at) if waiting else None
    in_their_order = in_order(ends)
    dead = sum(end.points for end in in_their_order if end.expires_at <= at)
    expiring = tuple(end for end in in_their_order if end.expires_at > at)
    buckets = available - dead, held, waiting, deficit
    # Who that was may have been merged since, too.
    now = merged_into and aliases([member_id])[member_id]
    return Balance(member_id, programme_id, *buckets, expiring, at, following, now)
