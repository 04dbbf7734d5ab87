"""What a member gets and spends."""

from datetime import datetime
from uuid import UUID

from points.ledger.posting import post_answered
from points.ledger.rules.earnings import Wait, check_open, earning
from points.ledger.rules.values import Kind, Posted, Posting
from points.members.queries import check_registered
from points.programmes.queries import programme


def earn_points(
    *,
    programme_id: UUID | None,
    member_id: UUID,
    points: int,
    reason: str,
    reference: str = "",
    occurred_at: datetime | None = None,
    expires_at: datetime | None = None,
    wait: Wait | None = None,
    source_key: str | None = None,
    actor_id: UUID | None = None,
    at: datetime,
) -> Posted:
    """Give a member points, in a lot that ends as the programme says unless `expires_at` is given.

    They are pending as `wait` says, or the programme where it is None. What the member owes is paid first, by
    pending points when they are activated.

    :raises ProgrammeNotFound: no such programme, or no default one.
    :raises ProgrammeClosed: it gives no more points.
    :raises MemberUnknown: the programme refuses members who never registered, and this is one.
    :raises EndsBeforeActivation: `expires_at` comes before they can be spent.
    """
    found = programme(programme_id)
    check_open(found)
    if found.unknown_members == "refuse":
        check_registered(member_id)
    command = earning(
        found,
        member_id=member_id,
        points=points,
        reason=reason,
        reference=reference,
        occurred_at=occurred_at,
        expires_at=expires_at,
        wait=wait,
        source_key=source_key,
        actor_id=actor_id,
        at=at,
    )
    return post_answered(command, at=at)


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
