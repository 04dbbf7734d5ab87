"""What a posting does, and what it was when it is written."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from points.ledger.rules.values.accounts import Account, Hold, Lot, Pending, Take
from points.ledger.rules.values.postings import Posting


class Change(NamedTuple):
    """An entry: the signed change of one bucket, and its balance after it."""

    bucket: str
    points: int
    balance_after: int


class Posted(Struct, frozen=True, kw_only=True):
    """A transaction as it was written; `is_repeated` when the posting's cause had had its effect before
    (then without `entries` and `lots`). `pending` are the pending points it made or changed, as they were after it.
    Balances and lots of one that was posted optimistically are placeholders (posting.optimistic)."""

    id: UUID
    kind: str
    programme_id: UUID
    member_id: UUID
    points: int
    change: int
    balance_after: int
    reference: str
    reason: str
    occurred_at: datetime
    posted_at: datetime
    entries: tuple[Change, ...] = ()
    lots: tuple[Take, ...] = ()
    pending: tuple[Pending, ...] = ()
    is_repeated: bool = False

    def moved(self, bucket: str) -> int:
        """Return the signed change of one bucket."""
        return sum([entry.points for entry in self.entries if entry.bucket == bucket])


class Movement(Struct, frozen=True):
    """What a posting does: signed changes of buckets that sum to zero, takes from lots, lots that open,
    lots that get points back (each with how many), and a hold and pending points as they are afterwards."""

    changes: tuple[tuple[str, int], ...]
    takes: tuple[Take, ...] = ()
    opens: tuple[Lot, ...] = ()
    gives: tuple[Lot, ...] = ()
    hold: Hold | None = None
    pending: tuple[Pending, ...] = ()


class Decided(NamedTuple):
    """A posting with its movement and the account before and after it."""

    posting: Posting
    movement: Movement
    before: Account
    after: Account
