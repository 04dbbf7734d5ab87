"""What moves when two members become one: points with their ends, what is pending of them, and what is owed.

The points are a transfer to the other member, and the debt is one back that may be owed: so both sides of each move
the same points, and statements, messages and the warehouse know it already.
"""

from uuid import UUID

from points.ledger.rules.values import Account, Kind, MergePart, Posting


def postings(account: Account, *, into: UUID, merge_id: UUID, reason: str, actor_id: UUID) -> list[Posting]:
    """Return the postings that empty a member's account into another's, who pays what it owes."""

    def both(sender: UUID, receiver: UUID, points: int, part: MergePart) -> list[Posting]:
        key = f"merge:{merge_id}:{account.programme_id}:{'debt' if part.is_debt else 'points'}"
        sides = ((Kind.SENT, sender, None), (Kind.RECEIVED, receiver, f"{key}:{Kind.SENT}"))
        return [
            Posting(
                kind=kind,
                programme_id=account.programme_id,
                member_id=member_id,
                points=points,
                reference=f"merge:{merge_id}",
                reason=reason,
                source_key=f"{key}:{kind}",
                merge=part,
                sent_as=sent_as,
                actor_id=actor_id,
            )
            for kind, member_id, sent_as in sides
        ]

    waiting, owed = account.buckets["pending"], -account.buckets["deficit"]
    points = account.buckets["available"] + waiting
    given = both(account.member_id, into, points, MergePart(waiting)) if points else []
    return given + (both(into, account.member_id, owed, MergePart(is_debt=True)) if owed else [])
