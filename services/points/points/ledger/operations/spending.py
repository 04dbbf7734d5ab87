"""What a member gets and spends."""

from datetime import datetime
from uuid import UUID

from points.ledger.operations.engine import post_one, post_unseen
from points.ledger.operations.unknown_members import check_may_earn
from points.ledger.rules.earnings import Wait, terms
from points.ledger.rules.values import Kind, Posted, Posting
from points.programmes.errors import ProgrammeClosed
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
    unseen: bool = False,
    at: datetime,
) -> Posted:
    """Give a member points, in a lot that ends as the programme says unless `expires_at` is given.

    They are pending as `wait` says, or the programme where it is None. What the member owes is paid first, by
    pending points when they are activated.

    With `unseen` it may be decided before the account is seen: balances of the answer are blank then, and the commit
    may find that the guess was wrong (shared.postgres.blanks).

    :raises ProgrammeNotFound: no such programme, or no default one.
    :raises ProgrammeClosed: it gives no more points.
    :raises MemberUnknown: the programme refuses members who never registered, and this is one.
    :raises EndsBeforeActivation: `expires_at` comes before they can be spent.
    """
    found = programme(programme_id)
    if found.status != "active":
        raise ProgrammeClosed()
    check_may_earn(found, member_id)
    posting = Posting(
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
    return (unseen and post_unseen(posting, at=at)) or post_one(posting, at=at)


def redeem_points(
    *,
    programme_id: UUID | None,
    member_id: UUID,
    points: int,
    reference: str,
    reason: str,
    source_key: str | None = None,
    actor_id: UUID | None = None,
    unseen: bool = False,
    at: datetime,
) -> Posted:
    """Spend a member's points, those first that end first; joins the transaction that is open.

    With `unseen` as `earn_points`; the lots of the answer are blank then, too.

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
    return (unseen and post_unseen(posting, at=at)) or post_one(posting, at=at)
