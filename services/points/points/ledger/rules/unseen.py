"""A posting that is decided before its account is seen: what it changes is the same in nearly all accounts.

What the account comes to, and which lots pay, is left blank for the server to fill in.
"""

from datetime import datetime

from points.ledger.rules.values import COUNTERS, Change, Kind, Posted, Posting, Take
from shared.blanks import NUMBERS, ROWS


def can_be_unseen(posting: Posting) -> bool:
    """Tell whether a posting only gives points that can be spent at once, or only takes those that end first."""
    if posting.slides_to or posting.lots:
        return False
    if posting.kind == Kind.EARNED:
        return posting.activates is None
    return posting.kind == Kind.REDEEMED and posting.hold is None


def unseen(posting: Posting, *, at: datetime) -> Posted:
    """Return the transaction that a posting becomes in an account that has what it takes, and owes nothing of what it
    gives."""
    gives = posting.kind == Kind.EARNED
    change = posting.points if gives else -posting.points
    available, counter = NUMBERS
    return Posted(
        id=posting.id,
        kind=posting.kind,
        programme_id=posting.programme_id,
        member_id=posting.member_id,
        points=posting.points,
        change=change,
        balance_after=available,
        reference=posting.reference,
        reason=posting.reason,
        occurred_at=posting.occurred_at or at,
        posted_at=at,
        entries=(Change("available", change, available), Change(COUNTERS[posting.kind], -change, counter)),
        lots=(Take(posting.id, change, posting.expires_at, posting.expires_on),) if gives else ROWS,
    )
