"""What may be against events that are told: by themselves, by what they earn, by a person's day, by the ledger."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from points.earning import followers
from points.earning.rules import Event as Told
from points.earning.rules import Schema
from points.earning.simulations import check_event
from points.events.operations.postings import post_each, postings_of, whole_of
from points.events.rules.events import Event, NewEvent, NoPoints, happened
from points.ledger.operations.admission import count_posted, within_day
from points.ledger.operations.second_person import check_alone
from points.ledger.rules.earnings import check_earning
from points.ledger.rules.values import Posting
from points.programmes.errors import MerchantNotListed, ProgrammeClosed
from points.programmes.rules import Programme, takes_purchases_of
from points.purchases.operations import Teller
from shared.errors import DomainError, MemberUnknown

Refusals = dict[UUID, DomainError]


class New(NamedTuple):
    """An event that is to be recorded, as it was told and as it is noted, and whoever its member is now."""

    told: NewEvent
    programme: Programme
    made: Event
    member_id: UUID

    @property
    def id(self) -> UUID:
        """Return what we call it."""
        return self.made.id

    @property
    def persons(self) -> set[UUID]:
        """Return whoever its member was and is."""
        return {self.told.member_id, self.member_id}

    def check_points(self, teller: Teller, unknown: Collection[UUID], at: datetime) -> None:
        """Check that it may earn what it would, whatever else was earned.

        :raises TooManyPoints, MemberUnknown, ApprovalNeeded: it may not.
        """
        points, by = self.made.points, teller.actor_id
        if not points:
            return
        check_earning(self.programme, points=points, occurred_at=self.made.occurred_at, at=at)
        if self.member_id in unknown:
            raise MemberUnknown(member_id=str(self.member_id))
        if by and self.told.is_by_programme and not teller.is_person:
            check_alone(self.programme, points, actor_id=by, is_person=False, at=at)


def against(new: Sequence[New], check: Callable[[New], None]) -> Refusals:
    """Return which of these a check refuses."""
    refusals: Refusals = {}
    for one in new:
        try:
            check(one)
        except DomainError as refusal:
            refusals[one.id] = refusal
    return refusals


def by_itself(one: New, schema: Schema, at: datetime) -> None:
    """Check that a programme takes an event, whatever it would earn.

    :raises ProgrammeClosed, MerchantNotListed, PurchaseTooOld: it does not.
    :raises EventInvalid: its schema has no such event.
    """
    if one.programme.status != "active":
        raise ProgrammeClosed()
    if not (one.told.is_by_programme or takes_purchases_of(one.programme, one.told.merchant_id)):
        raise MerchantNotListed()
    check_earning(one.programme, points=0, occurred_at=one.told.occurred_at, at=at)
    check_event(Told(name=one.told.name, data=one.told.data), schema)


def by_days(new: Sequence[New], teller: Teller, at: datetime) -> Refusals:
    """Return which of these a person may not give alone, and lock the person's days."""
    given = [one for one in _earning(new) if one.told.is_by_programme]
    if not (teller.is_person and teller.actor_id and given):
        return {}
    allowed = within_day([_whole(one, teller) for one in given], actor_id=teller.actor_id, at=at)
    return {one.id: said for one, said in zip(given, allowed, strict=True) if isinstance(said, DomainError)}


def by_ledger(new: Sequence[New], teller: Teller, at: datetime) -> Refusals:
    """Tell whoever follows events, post what these earn, and return which the ledger refuses."""
    _tell(new, at)
    earning = _earning(new)
    outcomes = post_each([_postings(one, teller, at) for one in earning], at=at)
    by_hand = [number for number, one in enumerate(earning) if one.told.is_by_programme]
    if teller.is_person and teller.actor_id and by_hand:
        counted = [_whole(earning[number], teller) for number in by_hand], [outcomes[number] for number in by_hand]
        count_posted(*counted, actor_id=teller.actor_id, at=at)
    return {one.id: said for one, said in zip(earning, outcomes, strict=True) if isinstance(said, DomainError)}


def _tell(new: Sequence[New], at: datetime) -> None:
    taken = [one for one in new if one.programme.has_tiers and one.made.no_points_reason != NoPoints.OWN_STAFF]
    locking = {(one.programme.id, one.member_id) for one in _earning(new)} if taken else ()
    followers.tell([happened(one.made, one.member_id) for one in taken], locking=locking, at=at)


def _earning(new: Sequence[New]) -> list[New]:
    return [one for one in new if one.made.points]


def _postings(one: New, teller: Teller, at: datetime) -> list[Posting]:
    return postings_of(one.programme, one.made, actor_id=teller.actor_id, at=at)


def _whole(one: New, teller: Teller) -> Posting:
    return whole_of(one.made, actor_id=teller.actor_id)
