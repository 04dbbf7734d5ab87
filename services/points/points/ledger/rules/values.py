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
    ACTIVATED = "activated"
    CANCELLED = "cancelled"
    RESTORED = "restored"
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
    Kind.ACTIVATED: "pending",
    Kind.CANCELLED: "issued",
    Kind.RESTORED: "redeemed",
    Kind.REINSTATED: "expired",
}


class HoldState(StrEnum):
    """What became of a hold; all but the first are for good."""

    HELD = "held"
    CAPTURED = "captured"
    VOIDED = "voided"
    EXPIRED = "expired"


class PendingState(StrEnum):
    """What became of points that were earned and could not be spent yet; all but the first are for good."""

    PENDING = "pending"
    ACTIVATED = "activated"
    CANCELLED = "cancelled"


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
    """What a reversal must know of the transaction it undoes; `spent` are the lots it took from, with how much.

    What comes back to a merged member may be given on in the same list (`is_given_on`), or is refused.
    """

    transaction_id: UUID
    kind: Kind
    spent: tuple[Lot, ...] = ()
    is_given_on: bool = False


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


class Pending(Struct, frozen=True, kw_only=True):
    """Points that were earned and cannot be spent yet; it has the id of the transaction that earned them.

    At `due_at` they are activated, or cancelled where `on_event` names what they wait for. `remaining` is what returns
    have left of them, `activated` how many became available. `expires_at` is the end their lot will have, the
    programme's where there is none.
    """

    id: UUID
    programme_id: UUID
    member_id: UUID
    points: int
    remaining: int
    activated: int = 0
    state: PendingState = PendingState.PENDING
    on_event: str = ""
    due_at: datetime
    expires_at: datetime | None = None
    reference: str = ""
    created_at: datetime
    closed_at: datetime | None = None
    closed_by: UUID | None = None


class Activation(NamedTuple):
    """When an earning becomes available: at `due_at`, or at the event `on_event` before `due_at`."""

    due_at: datetime
    on_event: str = ""


class PendingMove(NamedTuple):
    """Which pending points a posting closes; `is_due` when their time has come, and nobody's wish."""

    pending_id: UUID
    is_due: bool = False


class HoldMove(NamedTuple):
    """Which hold a posting closes, and as what."""

    hold_id: UUID
    to: HoldState


class MergePart(NamedTuple):
    """What a transfer of a merge moves beside points: so many of them are `waiting`; or it is a debt, paid or owed."""

    waiting: int = 0
    is_debt: bool = False


class ReturnPolicy(NamedTuple):
    """What becomes of the points that a return asks back and that were spent already: `pending_only` takes nothing
    that could be spent, `floor_zero` forgives the rest, and with `arrears` the rest is owed, up to a deficit of
    `cap` points in all (without a limit, when None); what is beyond is forgiven."""

    name: str
    cap: int | None = None


ARREARS = ReturnPolicy("arrears")


class Known(NamedTuple):
    """Lots as they were when their account had this version; they change only with it."""

    version: int
    lots: tuple[Lot, ...]


class Posting(Struct, frozen=True, kw_only=True):
    """The wish to move a member's points; `id` becomes the transaction's.

    `points` is positive, but signed for an adjustment. `lots` are the lots to expire, or those to take
    back from before any other (and what is pending of them); `known` is how the caller found those to expire. `policy`
    bounds what a return takes. `restores` are lots that get back what was spent of them, each with how much.
    `expires_at` is the end of the lot that opens (with its `expires_on`), or of the hold. `slides_to` is the end that
    the activity gives the member's other lots. `hold` is what a capture or release closes. `activates` makes an earning
    pending, and `pending` is what an activation or a cancellation closes, with all that is left of it. `merge` marks a
    transfer of a merge. `sent_as` is the source key of the posting, earlier in the list, whose points arrive.
    `source_key` names the cause: the same cause has one effect.
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
    known: Known | None = None
    reverses: Reversed | None = None
    hold: HoldMove | None = None
    activates: Activation | None = None
    pending: PendingMove | None = None
    merge: MergePart | None = None
    policy: ReturnPolicy = ARREARS
    restores: tuple[Lot, ...] = ()
    sent_as: str | None = None
    brings: tuple[Take, ...] = ()
    actor_id: UUID | None = None
    correlation_id: str = ""
    causation_id: str = ""


class Posted(Struct, frozen=True, kw_only=True):
    """A transaction as it was written; `is_repeated` when the posting's cause had had its effect before
    (then without `entries` and `lots`). `pending` are the pending points it made or changed, as they were after it.
    Where the account was not seen, balances and lots may be blank (rules.unseen)."""

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

    @property
    def flow(self) -> int:
        """Return the signed change of the member's points, available or held: what is told of a transaction."""
        return self.change + self.moved("held")


class Account(Struct, frozen=True):
    """An account as it is: its buckets, the number of its last entry, open lots in the order of spending, and the
    holds and pending points that matter to what is posted. Nothing is posted to one whose member was merged."""

    id: int
    programme_id: UUID
    member_id: UUID
    buckets: dict[str, int]
    version: int
    lots: tuple[Lot, ...] = ()
    holds: tuple[Hold, ...] = ()
    pending: tuple[Pending, ...] = ()
    merged_into: UUID | None = None


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

    @property
    def points(self) -> int:
        """Return how many points moved, whatever the direction."""
        return sum([abs(points) for _, points in self.movement.changes]) // 2

    @property
    def change(self) -> int:
        """Return the signed change of the available points."""
        return self.after.buckets["available"] - self.before.buckets["available"]
