"""Recording what senders tell of, one event or a list: judged, noted, and posted where nothing is against it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from points.earning import queries as earning
from points.earning.queries import rules_at
from points.earning.rules import Trigger
from points.events.errors import EventIdReused
from points.events.operations.judging import ToJudge, judge_of, keep
from points.events.operations.stages import New, Refusals, against, by_days, by_itself, by_ledger
from points.events.rows import events
from points.events.rules.events import Event, NewEvent, NoPoints, Recorded, is_same, without_points
from points.ledger.errors import MemberMerged
from points.ledger.merges import aliases
from points.members.queries import staff_among, unknown_of
from points.programmes.queries import programme
from points.programmes.rules import Programme
from points.purchases.operations import Teller
from shared.db import unit_of_work
from shared.errors import DomainError
from shared.ids import new_id

Outcome = Recorded | DomainError


def record_event(told: NewEvent, *, teller: Teller, at: datetime) -> Event:
    """Note an event that a sender tells by its own id, and give the points that rules of its own instant give.

    Telling the same event again changes nothing and returns it as it is. Of a member who was merged, it is whose the
    points are now. The merchant's own staff earn nothing. What a person of no merchant tells counts to what that
    person may move by hand.

    :raises ProgrammeNotFound: no such programme, or no default one.
    :raises ProgrammeClosed: it gives no more points.
    :raises MerchantNotListed: it takes nothing from this merchant.
    :raises EventInvalid: its schema has no such event.
    :raises PurchaseTooOld, TooManyPoints: it is beyond the programme's bounds.
    :raises MemberUnknown: it would earn, and the programme refuses members who never registered.
    :raises ApprovalNeeded: the person's day would come to more than the programme's limit.
    :raises BalanceTooLarge: it would earn more than the ledger can count.
    :raises EventIdReused: the sender told another event by this id.
    """
    (outcome,) = record_events([told], teller=teller, at=at)
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome.event


def record_events(told: Sequence[NewEvent], *, teller: Teller, at: datetime) -> list[Outcome]:
    """Record events, each in its programme, as if one after the other; one that is refused leaves the others alone.

    In a fixed number of statements for any number: once; and once more where a person's day or the ledger refuses some,
    whose uses of limits those after them may have, or where somebody merged a member or told one of them meanwhile.
    """
    with unit_of_work():
        found = _looked_at(told, at)
        refused = Refusals()
        while True:
            left = [one for one in found if isinstance(one, New) and one.id not in refused]
            with transaction.atomic():
                tried = _recorded(left, teller, at)
                # With all that it wrote, and took before others.
                transaction.set_rollback(tried.is_to_try_again)
            if not tried.is_to_try_again:
                keep(tried.made, at=at)
                outcomes = tried.outcomes | {**refused}
                return [outcomes[one.id] if isinstance(one, New) else one for one in found]
            refused |= tried.refused


class _Tried(NamedTuple):
    """What became of events: which were `made`, and which were `refused` of which something may be written."""

    outcomes: dict[UUID, Outcome] = {}
    made: Sequence[Event] = ()
    refused: Mapping[UUID, DomainError] = {}
    is_to_try_again: bool = False


def _looked_at(told: Sequence[NewEvent], at: datetime) -> list[New | DomainError]:
    """Return events as they are to be noted but for what they earn, or why one cannot be."""
    found: list[New | DomainError] = []
    for one in told:
        try:
            found.append(_new(one, programme(one.programme_id), at))
        except DomainError as refusal:
            found.append(refusal)
    return found


def _new(told: NewEvent, found: Programme, at: datetime) -> New:
    made = Event(
        id=new_id(),
        programme_id=found.id,
        trigger=Trigger.EVENT,
        merchant_id=told.merchant_id,
        event_id=told.event_id,
        name=told.name,
        member_id=told.member_id,
        occurred_at=told.occurred_at,
        recorded_at=at,
        data=told.data,
    )
    return New(told, found, made, told.member_id)


def _recorded(new: Sequence[New], teller: Teller, at: datetime) -> _Tried:
    known = events.recorded_before([one.made for one in new])
    left, refused = _taken([one for one in new if one.id not in known], at)
    first, twice = _once_each(left)
    earned, too_much = _in_turn(_as_now(first, teller), teller, at)
    made = {one.id: one.made for one in earned}
    if len(events.insert(list(made.values()))) < len(made):
        return _Tried(is_to_try_again=True)
    if because := by_days(earned, teller, at) or by_ledger(earned, teller, at):
        # A merge that came meanwhile is seen the next time.
        because = {key: one for key, one in because.items() if not isinstance(one, MemberMerged)}
        return _Tried(refused=because, is_to_try_again=True)
    refused |= too_much
    if any(of in too_much for of in twice.values()):
        # Without the first by its id the next one is it.
        return _Tried(refused=refused, is_to_try_again=True)
    known |= {key: made[of] for key, of in twice.items()}
    outcomes: dict[UUID, Outcome] = {key: Recorded(one, is_repeated=False) for key, one in made.items()}
    outcomes |= {one.id: _again(known[one.id], one.made) for one in new if one.id in known}
    return _Tried({**outcomes, **refused}, list(made.values()))


def _again(before: Event, again: Event) -> Outcome:
    return Recorded(before, is_repeated=True) if is_same(before, again) else EventIdReused()


def _taken(new: Sequence[New], at: datetime) -> tuple[list[New], Refusals]:
    """Return the events that their programmes take, and why others are refused, whatever they would earn."""
    schemas = earning.schemas({one.programme.id for one in new})
    refused = against(new, lambda one: by_itself(one, schemas[one.programme.id], at))
    return [one for one in new if one.id not in refused], refused


def _once_each(new: Sequence[New]) -> tuple[list[New], dict[UUID, UUID]]:
    """Return the first event by each id, and of the others which that is."""
    first: dict[object, New] = {}
    twice = {}
    for one in new:
        if (known := first.setdefault(one.made.key, one)) is not one:
            twice[one.id] = known.id
    return list(first.values()), twice


def _as_now(new: Sequence[New], teller: Teller) -> list[New]:
    """Return events of whoever their members are now, without points for those who work for the sender."""
    now = aliases({one.told.member_id for one in new}) if new else {}
    new = [one._replace(member_id=now.get(one.told.member_id, one.told.member_id)) for one in new]
    staff = staff_among({(who, one.told.merchant_id) for one in new if one.told.merchant_id for who in one.persons})
    return [_without_points(one) if _is_own(one, staff, teller) else one for one in new]


def _is_own(one: New, staff: set[tuple[UUID, UUID]], teller: Teller) -> bool:
    """Of whoever tells it is known whom they work for, heard of or not."""
    merchant_id = one.told.merchant_id
    if merchant_id is None:
        return False
    return teller.actor_id in one.persons or any((who, merchant_id) in staff for who in one.persons)


def _without_points(one: New) -> New:
    return one._replace(made=without_points(one.made, NoPoints.OWN_STAFF))


def _in_turn(new: Sequence[New], teller: Teller, at: datetime) -> tuple[list[New], Refusals]:
    """Return events with what each earns, and those that would earn what nobody may; these use nothing of limits."""
    asked = [
        ToJudge(one.programme, one.made, one.member_id, rules_at(one.programme, one.made.occurred_at)) for one in new
    ]
    judge = judge_of([one for one in asked if one.rules and not one.event.no_points_reason])
    unknown = unknown_of({one.member_id for one in new if one.programme.unknown_members == "refuse"})
    found, refused = list[New](), Refusals()
    for one, to_judge in zip(new, asked, strict=True):
        if one.made.no_points_reason is None:
            one = one._replace(
                made=judge.judge(to_judge) if to_judge.rules else without_points(one.made, NoPoints.NO_RULES)
            )
        if said := against([one], lambda one: one.check_points(teller, unknown, at)):
            refused |= said
            continue
        judge.note(one.made)
        if one.made.no_points_reason != NoPoints.OWN_STAFF:
            judge.follow(to_judge, one.made)
        found.append(one)
    return found, refused
