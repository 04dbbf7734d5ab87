"""The rows of reinstatements, which are only ever added: what of an expiry was given back so far."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from shared.db import array, columns, execute, rows


class Expiry(NamedTuple):
    """A transaction that may have ended points of a member, and how many of these were reinstated so far."""

    id: UUID
    kind: str
    programme_id: UUID
    member_id: UUID
    points: int
    reinstated: int

    @property
    def left(self) -> int:
        """Return how many points can be reinstated."""
        return self.points - self.reinstated


_OWNER = (
    "SELECT a.member_id, a.programme_id FROM account a JOIN points_transaction t ON t.account_id = a.id WHERE t.id = %s"
)
_LOCK = (
    "SELECT a.id FROM account a JOIN points_transaction t ON t.account_id = a.id WHERE t.id = %s FOR NO KEY UPDATE OF a"
)
_READ = """
SELECT t.id, t.kind, a.programme_id, a.member_id, t.points,
    coalesce((SELECT max(total) FROM reinstatement WHERE expiry_id = t.id), 0)
FROM points_transaction t JOIN account a ON a.id = t.account_id WHERE t.id = %s
"""
_INSERT = """
INSERT INTO reinstatement (transaction_id, expiry_id, points, total, expired)
SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[])
"""


def owner_of(transaction_id: UUID) -> tuple[UUID, UUID] | None:
    """Return whose account a transaction was posted to, and in which programme."""
    found = rows(_OWNER, [transaction_id])
    return (found[0][0], found[0][1]) if found else None


def lock_expiry(transaction_id: UUID) -> Expiry:
    """Lock the account of a transaction, as every posting does, and read what was reinstated of it."""
    rows(_LOCK, [transaction_id])
    # A statement of its own after the lock, so that it sees what was committed while the lock was waited for.
    return Expiry(*rows(_READ, [transaction_id])[0])


def insert(transaction_id: UUID, expiry: Expiry, points: int) -> None:
    """Note that so many points of an expiry were given back by a transaction; its account is locked."""
    insert_many([(transaction_id, expiry, points)])


def insert_many(given: Sequence[tuple[UUID, Expiry, int]]) -> None:
    """Note how many points of which expiry each of these transactions gave back; their accounts are locked."""
    noted = [(one, expiry.id, points, expiry.reinstated + points, expiry.points) for one, expiry, points in given]
    if noted:
        execute(_INSERT, [array(column) for column in columns(noted, 5)])
