"""What a member spends."""

from datetime import datetime
from uuid import UUID

from points.ledger.posting import post_answered
from points.ledger.rules.values import Kind, Posted, Posting
from points.programmes.queries import programme


def redeem_points(
    *,
    programme_id: UUID | None,
    member_id: UUID,
    points: int,
    reference: str,
    reason: str,
    source_key: str | None = None,
    actor_id: UUID | None = None,
    at: datetime,
) -> Posted:
    """Spend a member's points, earliest expiry first; joins the transaction that is open.

    :raises InsufficientPoints: fewer can be spent now.
    :raises ProgrammeNotFound: no such programme, or no default one.
    """
    posting = Posting(
        kind=Kind.REDEEMED,
        programme_id=programme(programme_id).id,
        member_id=member_id,
        points=points,
        reference=reference,
        reason=reason,
        source_key=source_key,
        actor_id=actor_id,
    )
    return post_answered(posting, at=at)
