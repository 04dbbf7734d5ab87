"""What moves when two members become one: points with their ends, what is pending of them, and what is owed.

The points are a transfer to the other member, and the debt is one back that may be owed: so both sides of each move
the same points, and statements, messages and the warehouse know it already.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from msgspec import structs

from points.ledger.errors import MemberMerged
from points.ledger.rules.lots import is_alive
from points.ledger.rules.values import Account, Kind, Lot, MergePart, Posting
from shared.ids import new_id

# A return and a reinstatement give points back to a merged member's lots, where dead ones end, and give the rest on in
# the same list.
_PASSED_ON = (Kind.RESTORED, Kind.REINSTATED, Kind.EXPIRED)


def postings(account: Account, *, into: UUID, merge_id: UUID, reason: str, actor_id: UUID) -> list[Posting]:
    """Return the postings that empty a member's account into another's, who pays what it owes."""

    def sent(sender: UUID, receiver: UUID, points: int, part: MergePart) -> list[Posting]:
        key = f"merge:{merge_id}:{account.programme_id}:{'debt' if part.is_debt else 'points'}"
        posting = Posting(
            kind=Kind.SENT,
            programme_id=account.programme_id,
            member_id=sender,
            points=points,
            reference=f"merge:{merge_id}",
            reason=reason,
            merge=part,
            actor_id=actor_id,
        )
        return _both(posting, receiver, key)

    waiting, owed = account.buckets["pending"], -account.buckets["deficit"]
    points = account.buckets["available"] + waiting
    given = sent(account.member_id, into, points, MergePart(waiting)) if points else []
    return given + (sent(into, account.member_id, owed, MergePart(is_debt=True)) if owed else [])


def passed_on(back: Posting, lots: Iterable[Lot], *, into: UUID, at: datetime) -> list[Posting]:
    """Return the postings that give on what comes back to a merged member's lots and is alive there.

    In one list with the posting that gives it back: the merged member has nothing before and nothing afterwards.
    """
    if not (points := sum(lot.remaining for lot in lots if is_alive(lot, at=at))):
        return []
    sent = structs.replace(back, kind=Kind.SENT, points=points, lots=(), restores=(), reverses=None, merge=MergePart())
    return _both(sent, into, f"{back.source_key}:merged")


def debt_passed_on(back: Posting, points: int, *, into: UUID) -> list[Posting]:
    """Return the postings by which a merged member owes nothing of what a reversal takes, and the other member does.

    In one list with the reversal, as `passed_on`.
    """
    if not points:
        return []
    sent = structs.replace(
        back, kind=Kind.SENT, member_id=into, points=points, lots=(), reverses=None, merge=MergePart(is_debt=True)
    )
    return _both(sent, back.member_id, f"{back.source_key}:merged")


def is_passed_on(posting: Posting) -> bool:
    """Tell whether a posting may be of a merged member: what comes back goes on to the current one in the same list."""
    return bool(posting.merge or posting.kind in _PASSED_ON or (posting.reverses and posting.reverses.is_passed_on))


def merged(account: Account) -> MemberMerged:
    """Return the refusal that says whose the points of a merged member are now."""
    return MemberMerged(member_id=str(account.member_id), merged_into=str(account.merged_into))


def is_empty(account: Account) -> bool:
    """Tell whether a member has and owes nothing in an account, as one who was merged must whenever that is written."""
    return not any(account.buckets[bucket] for bucket in ("available", "held", "pending", "deficit"))


def _both(sent: Posting, receiver: UUID, key: str) -> list[Posting]:
    """Return both sides of a transfer, each with an id and a key of its own."""
    names = {kind: f"{key}:{kind}" for kind in (Kind.SENT, Kind.RECEIVED)}
    return [
        structs.replace(sent, id=new_id(), source_key=names[Kind.SENT]),
        structs.replace(
            sent, id=new_id(), kind=Kind.RECEIVED, member_id=receiver, source_key=names[Kind.RECEIVED],
            sent_as=names[Kind.SENT],
        ),
    ]  # fmt: skip
