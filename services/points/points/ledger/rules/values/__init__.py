"""The values that the ledger's rules are about.

Ten thousand postings are decided in one go, so these are msgspec's structs: frozen, and made in a tenth of the time.
"""

from points.ledger.rules.values.accounts import Account, Expiring, Hold, Known, Lot, Pending, Take
from points.ledger.rules.values.kinds import BUCKETS, COUNTERS, NO_POINTS, HoldState, Key, Kind, PendingState
from points.ledger.rules.values.outcomes import Change, Decided, Movement, Posted
from points.ledger.rules.values.postings import (
    ARREARS,
    Activation,
    ByRule,
    HoldMove,
    MergePart,
    PendingMove,
    Posting,
    ReturnPolicy,
    Reversed,
)

__all__ = [
    "ARREARS",
    "BUCKETS",
    "COUNTERS",
    "NO_POINTS",
    "Account",
    "Activation",
    "ByRule",
    "Change",
    "Decided",
    "Expiring",
    "Hold",
    "HoldMove",
    "HoldState",
    "Key",
    "Kind",
    "Known",
    "Lot",
    "MergePart",
    "Movement",
    "Pending",
    "PendingMove",
    "PendingState",
    "Posted",
    "Posting",
    "ReturnPolicy",
    "Reversed",
    "Take",
]
