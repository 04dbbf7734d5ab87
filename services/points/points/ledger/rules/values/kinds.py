"""The words of the ledger: buckets, kinds of transactions, and states."""

from enum import StrEnum
from uuid import UUID

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
