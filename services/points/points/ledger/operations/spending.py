"""What a member gets and spends."""

from datetime import datetime
from uuid import UUID

from points.ledger.posting import post_answered
from points.ledger.rules.earnings import Wait, terms
from points.ledger.rules.values import Kind, Posted, Posting
from points.members.queries import unknown_of
from points.programmes.errors import ProgrammeClosed
from points.programmes.queries import programme
from points.programmes.rules import Programme
from shared.errors import MemberUnknown


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


def earning(
    found: Programme,
    *,
    member_id: UUID,
    points: int,
    reason: str,
    reference: str,
    occurred_at: datetime | None,
    expires_at: datetime | None,
    wait: Wait | None,
    source_key: str | None = None,
    actor_id: UUID | None,
    at: datetime,
) -> Posting:
    """Return the posting that gives a member points.

    :raises ProgrammeClosed: the programme gives no more points.
    :raises MemberUnknown: the programme refuses members who never registered, and this is one.
    :raises EndsBeforeActivation: `expires_at` comes before they can be spent.
    """
    if found.status != "active":
        raise ProgrammeClosed()
    check_may_earn(found, member_id)
    return Posting(
        kind=Kind.EARNED,
        programme_id=found.id,
        member_id=member_id,
        points=points,
        reference=reference,
        reason=reason,
        source_key=source_key,
        occurred_at=occurred_at,
        actor_id=actor_id,
        **terms(found, earned_at=occurred_at or at, wait=wait, expires_at=expires_at, at=at),
    )


def check_may_earn(found: Programme, member_id: UUID) -> None:
    """Check that a programme gives a member points.

    :raises MemberUnknown: nobody registered by this id, or the word of it is still under way, and the programme
        refuses such members.
    """
    if found.unknown_members == "refuse" and unknown_of([member_id]):
        raise MemberUnknown(member_id=str(member_id))


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
