"""Where the points of lots came from, and who took them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from shared.db import array, named, rows


class Cause(NamedTuple):
    """The transaction that points came or went by; `origin` is `payment`, `refund`, `batch`… or nothing."""

    transaction_id: UUID
    kind: str
    reason: str
    reference: str
    occurred_at: datetime
    origin: str


class Taken(NamedTuple):
    """Points that a transaction took from a lot; negative where it gave them back."""

    cause: Cause
    points: int


class Extended(NamedTuple):
    """A later end that an activity gave a lot."""

    cause: Cause
    previous_expires_at: datetime
    expires_at: datetime
    expires_on: date


class Earned(NamedTuple):
    """The purchase behind an earning: what was paid, what it gave, and what its refunds took back since; by plain terms
    `cut` points less than these, of which `budget` took the last."""

    transaction_id: UUID | None
    payment_id: UUID
    amount: int
    points: int
    returned: int
    points_returned: int
    rules_version: int | None
    budget: str | None
    cut: int | None


_CAUSE = "t.id, t.kind, t.reason, t.reference, t.occurred_at, coalesce(split_part(t.source_key, ':', 1), '')"
# A lot has the number of its account's transaction that opened it.
_CAME_FROM = f"""
SELECT l.id, {_CAUSE} FROM {named("lot")} l CROSS JOIN LATERAL (
    SELECT * FROM points_transaction t WHERE t.account_id = l.account_id AND t.version = l.number OFFSET 0) t
"""
# By the account's transactions, because allocations are found by theirs and by nothing else.
_TAKEN = f"""
SELECT x.lot_id, {_CAUSE}, x.points FROM points_transaction t
CROSS JOIN LATERAL (SELECT * FROM allocation x WHERE x.transaction_id = t.id OFFSET 0) x
WHERE t.account_id = %(account)s AND t.version > %(after)s AND t.version <= %(until)s
    AND x.lot_id = ANY(%(lots)s::uuid[]) ORDER BY t.version
"""
_PURCHASES = f"""
SELECT t.id, p.payment_id, p.amount, p.points, p.returned, p.points_returned, p.rules_version, p.budget, p.cut
FROM {named("points_transaction")} t
CROSS JOIN LATERAL (
    SELECT * FROM purchase p WHERE p.payment_id = CASE
        WHEN t.source_key ~ '^(payment|purchase):[^:]+:earn(:[0-9]+)?$' THEN split_part(t.source_key, ':', 2)::uuid END
    OFFSET 0) p
"""
_KINDS = """
SELECT kind, count(*), sum(change)::bigint FROM points_transaction
WHERE account_id = %s AND version <= %s GROUP BY kind ORDER BY kind
"""


# By lots, in the order in which their ends moved.
_EXTENSIONS = f"""
SELECT x.lot_id, {_CAUSE}, x.previous_expires_at, x.expires_at, x.expires_on FROM {named("lot_extension", "lot_id")} x
CROSS JOIN LATERAL (SELECT * FROM points_transaction t WHERE t.id = x.transaction_id OFFSET 0) t
WHERE x.version <= %(until)s ORDER BY x.version
"""


def came_from(lot_ids: Sequence[UUID]) -> dict[UUID, Cause]:
    """Return the transactions that opened these lots."""
    return {row[0]: Cause(*row[1:]) for row in rows(_CAME_FROM, {"ids": array(lot_ids)})}


def taken_from(lot_ids: Sequence[UUID], *, account_id: int, after: int, until: int) -> dict[UUID, list[Taken]]:
    """Return what an account's transactions of these numbers took from these lots, in their order."""
    found: dict[UUID, list[Taken]] = defaultdict(list)
    parameters = {"account": account_id, "after": after, "until": until, "lots": array(lot_ids)}
    for lot_id, *cause, points in rows(_TAKEN, parameters):
        found[lot_id].append(Taken(Cause(*cause), points))
    return found


def extended_by(lot_ids: Sequence[UUID], *, until: int) -> dict[UUID, list[Extended]]:
    """Return the later ends that an account's transactions up to this number gave to these lots, in their order."""
    found: dict[UUID, list[Extended]] = defaultdict(list)
    for lot_id, *cause, previous, at, on in rows(_EXTENSIONS, {"ids": array(lot_ids), "until": until}):
        found[lot_id].append(Extended(Cause(*cause), previous, at, on))
    return found


def purchases_behind(transaction_ids: Iterable[UUID]) -> dict[UUID, Earned]:
    """Return the purchases that these transactions earned on, by transaction."""
    return {row[0]: Earned(*row) for row in rows(_PURCHASES, {"ids": array(list(transaction_ids))})}


def moved_by_kind(account_id: int, *, until: int) -> list[tuple[str, int, int]]:
    """Return how many transactions of each kind an account has had, and what they did to its available points."""
    return [(kind, count, change) for kind, count, change in rows(_KINDS, [account_id, until])]
