"""The values that the ledger's rules are about.

Ten thousand postings are decided in one go, so these are msgspec's structs: frozen, and made in a tenth of the time.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct, field

from points.programmes.rules.expiry import LotEnd
from shared.ids import new_id

BUCKETS = ("available", "held", "pending", "deficit", "issued", "redeemed", "expired", "adjusted", "returned")
NO_POINTS = dict.fromkeys(BUCKETS, 0)
Key = tuple[UUID, UUID]


class Kind(StrEnum):
    """What a transaction is."""

    EARNED = "earned"
    REDEEMED = "redeemed"
    EXPIRED = "expired"
    ADJUSTED = "adjusted"
    REVERSED = "reversed"
    RETURNED = "returned"
    HELD = "held"
    RELEASED = "released"
    SENT = "sent"
    RECEIVED = "received"
    REINSTATED = "reinstated"


# Where the other side of a movement of each kind is booked; a reversal uses that of what it reverses.
COUNTERS = {
    Kind.EARNED: "issued",
    Kind.REDEEMED: "redeemed",
    Kind.EXPIRED: "expired",
    Kind.ADJUSTED: "adjusted",
    Kind.RETURNED: "returned",
    Kind.HELD: "held",
    Kind.RELEASED: "held",
    Kind.SENT: "adjusted",
    Kind.RECEIVED: "adjusted",
    Kind.REINSTATED: "expired",
}


class HoldState(StrEnum):
    """What became of a hold; all but the first are for good."""

    HELD = "held"
    CAPTURED = "captured"
    VOIDED = "voided"
    EXPIRED = "expired"


class Take(NamedTuple):
    """Points of a lot: taken from it in a plan; in a posted transaction signed, positive where the lot got them."""

    lot_id: UUID
    points: int
    expires_at: datetime | None
    expires_on: date | None = None


class Expiring(NamedTuple):
    """Points that end at one instant; `expires_on` is their last day before any grace, where it was reckoned."""

    expires_at: datetime
    points: int
    expires_on: date | None = None


class Change(NamedTuple):
    """An entry: the signed change of one bucket, and its balance after it."""

    bucket: str
    points: int
    balance_after: int


class Lot(Struct, frozen=True):
    """Points that end together; `number` orders lots of the same end by age. `expires_on` is the last day that members
    are told, where the programme reckoned the end."""

    id: UUID
    remaining: int
    expires_at: datetime | None
    number: int
    expires_on: date | None = None


class Reversed(Struct, frozen=True):
    """What a reversal must know of the transaction it undoes; `spent` are the lots it took from, with how much."""

    transaction_id: UUID
    kind: Kind
    spent: tuple[Lot, ...] = ()


class Hold(Struct, frozen=True, kw_only=True):
    """Points set aside; it has the id of the transaction that did it. `lots` are those it took from, with how much,
    in the order of spending; of these the first `captured` points were spent and the rest came back."""

    id: UUID
    programme_id: UUID
    member_id: UUID
    points: int
    state: HoldState = HoldState.HELD
    captured: int = 0
    reference: str = ""
    expires_at: datetime
    created_at: datetime
    closed_at: datetime | None = None
    capture_id: UUID | None = None
    release_id: UUID | None = None
    lots: tuple[Lot, ...] = ()


class HoldMove(NamedTuple):
    """Which hold a posting closes, and as what."""

    hold_id: UUID
    to: HoldState


class Posting(Struct, frozen=True, kw_only=True):
    """The wish to move a member's points; `id` becomes the transaction's.

    `points` is positive, but signed for an adjustment. `lots` are the lots to expire, or those to take
    back from before any other. `expires_at` is the end of the lot that opens (with its `expires_on`), or of the hold.
    `slides_to` is the end that the activity gives the member's other lots. `hold` is what a capture or release closes.
    `sent_as` is the source key of the posting, earlier in the list, whose
    points arrive. `source_key` names the cause: the same cause has one effect.
    """

    kind: Kind
    programme_id: UUID
    member_id: UUID
    points: int
    id: UUID = field(default_factory=new_id)
    reference: str = ""
    reason: str = ""
    source_key: str | None = None
    occurred_at: datetime | None = None
    expires_at: datetime | None = None
    expires_on: date | None = None
    slides_to: LotEnd | None = None
    lots: tuple[UUID, ...] = ()
    reverses: Reversed | None = None
    hold: HoldMove | None = None
    sent_as: str | None = None
    brings: tuple[Take, ...] = ()
    actor_id: UUID | None = None
    correlation_id: str = ""
    causation_id: str = ""


class Posted(Struct, frozen=True, kw_only=True):
    """A transaction as it was written; `is_repeated` when the posting's cause had had its effect before
    (then without `entries` and `lots`)."""

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
    is_repeated: bool = False

    def moved(self, bucket: str) -> int:
        """Return the signed change of one bucket."""
        return sum(entry.points for entry in self.entries if entry.bucket == bucket)

    @property
    def flow(self) -> int:
        """Return the signed change of the member's points, available or held: what is told of a transaction."""
        return self.change + self.moved("held")


class Account(Struct, frozen=True):
    """An account as it is: its buckets, the number of its last entry, open lots in the order of spending, and the
    holds that matter to what is posted."""

    id: int
    programme_id: UUID
    member_id: UUID
    buckets: dict[str, int]
    version: int
    lots: tuple[Lot, ...] = ()
    holds: tuple[Hold, ...] = ()


class Movement(Struct, frozen=True):
    """What a posting does: signed changes of buckets that sum to zero, takes from lots, lots that open,
    lots that get points back (each with how many), and a hold as it is afterwards."""

    changes: tuple[tuple[str, int], ...]
    takes: tuple[Take, ...] = ()
    opens: tuple[Lot, ...] = ()
    gives: tuple[Lot, ...] = ()
    hold: Hold | None = None


class Decided(NamedTuple):
    """A posting with its movement and the account before and after it."""

    posting: Posting
    movement: Movement
    before: Account
    after: Account

    @property
    def points(self) -> int:
        """Return how many points moved, whatever the direction."""
        return sum(abs(points) for _, points in self.movement.changes) // 2

    @property
    def change(self) -> int:
        """Return the signed change of the available points."""
        return self.after.buckets["available"] - self.before.buckets["available"]
