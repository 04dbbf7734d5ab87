"""Points that ended and that a person gives back."""

from datetime import date, datetime, timedelta
from uuid import UUID

from points.expiry.errors import NotAnExpiry, ReinstatementInPast, ReinstatementTooLarge
from points.ledger import reinstatements
from points.ledger.errors import TransactionNotFound
from points.ledger.locks import lock_members
from points.ledger.merges import aliases
from points.ledger.operations.second_person import check_alone, lock_day
from points.ledger.posting import post_all
from points.ledger.reinstatements import Expiry
from points.ledger.rules.merges import passed_on
from points.ledger.rules.values import Kind, Lot, Posted, Posting
from points.programmes.queries import programme
from points.programmes.rules import Programme, end_of_lot
from points.programmes.rules.expiry import LotEnd
from shared.db import unit_of_work
from shared.zones import local_day, midnight_after


def reinstate_points(
    *,
    transaction_id: UUID,
    member_id: UUID,
    programme_id: UUID | None = None,
    points: int | None = None,
    expires_on: date | None = None,
    expires_in_days: int | None = None,
    reason: str,
    actor_id: UUID,
    is_person: bool = True,
    at: datetime,
) -> Posted:
    """Give back points that a transaction expired, all that are left of it or so many, in a lot with a new end.

    Where the member was merged since, they go on to whose the points are now; either may be named.
    The end is that of the day named, or of the one so many days from today, in the programme's time zone and without a
    grace; where neither is named it is that of points earned now. What the member owes is paid first.

    :raises TransactionNotFound: there is none, or it is another member's or programme's.
    :raises NotAnExpiry: it expired nothing.
    :raises ReinstatementTooLarge: fewer of its points are left.
    :raises ReinstatementInPast: the day named has passed.
    :raises ApprovalNeeded: the person's day would come to more than the programme's limit of adjustments.
    :raises MemberMerged: the member was merged at the same moment.
    """
    with unit_of_work():
        expiry, into = _locked_or_refuse(transaction_id, member_id, actor_id if is_person else None, at)
        if programme_id not in (None, expiry.programme_id):
            raise TransactionNotFound()
        found = programme(expiry.programme_id)
        points = _points_or_refuse(expiry, points)
        check_alone(found, points, actor_id=actor_id, is_person=is_person, at=at)
        end = _end(found, expires_on, expires_in_days, at)
        command = _command(expiry, points, end, reason, actor_id)
        back = [Lot(command.id, points, end.expires_at, 0)]
        fact, *_ = post_all([command, *(passed_on(command, back, into=into, at=at) if into else [])], at=at)
        reinstatements.insert(fact.id, expiry, points)
        return fact


def _locked_or_refuse(
    transaction_id: UUID, member_id: UUID, person_id: UUID | None, at: datetime
) -> tuple[Expiry, UUID | None]:
    """Lock the person's day, then whose the points were, and where that member was merged `into` another both."""
    if (found := reinstatements.owner_of(transaction_id)) is None:
        raise TransactionNotFound()
    owner, programme_id = found
    if person_id:
        lock_day(programme(programme_id), person_id, at=at)
    into = aliases([owner]).get(owner)
    if member_id not in (owner, into):
        raise TransactionNotFound()
    if into:
        lock_members([owner, into])
    return reinstatements.lock_expiry(transaction_id), into


def _points_or_refuse(expiry: Expiry, points: int | None) -> int:
    if expiry.kind != Kind.EXPIRED:
        raise NotAnExpiry(kind=expiry.kind)
    points = points or expiry.left
    if not points or points > expiry.left:
        raise ReinstatementTooLarge(requested=points, reinstatable=expiry.left)
    return points


def _end(found: Programme, on: date | None, in_days: int | None, at: datetime) -> LotEnd:
    today = local_day(at, found.timezone)
    if in_days is not None:
        on = today + timedelta(days=in_days)
    if on is None:
        return end_of_lot(found, earned_at=at)
    if on < today:
        raise ReinstatementInPast(today=str(today))
    return LotEnd(midnight_after(on, found.timezone), None)


def _command(expiry: Expiry, points: int, end: LotEnd, reason: str, actor_id: UUID) -> Posting:
    return Posting(
        kind=Kind.REINSTATED,
        programme_id=expiry.programme_id,
        member_id=expiry.member_id,
        points=points,
        reference=f"expiry:{expiry.id}",
        reason=reason,
        source_key=f"reinstatement:{expiry.id}:{expiry.reinstated + points}",
        **end._asdict(),
        actor_id=actor_id,
    )
