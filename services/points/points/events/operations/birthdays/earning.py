"""What members earn by birthdays of a day: judged, posted, and kept with why."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from points.earning.queries import ActiveRules
from points.earning.rules import Trigger
from points.events.operations.judging import ToJudge, judge_of, keep
from points.events.operations.postings import post_each, postings_of
from points.events.rows import events
from points.events.rules.events import Event, NoPoints, without_points
from points.ledger.errors import BalanceTooLarge, MemberMerged
from points.programmes.rules import Programme
from shared.db import unit_of_work
from shared.errors import DomainError, TooEarly
from shared.ids import new_id


def earn_by_birthdays(
    programme: Programme,
    rules: ActiveRules,
    members: Sequence[UUID],
    *,
    day: date,
    begin: datetime,
    at: datetime,
) -> int:
    """Note the birthday of members on a day that begins then, and give what rules give; return how many earned.

    What the programme or the ledger refuses is noted with why, and not given later. None of them had one noted in the
    year of the day, and nobody else notes one meanwhile: whoever asks has seen to that. Who is merged at this moment is
    passed over, because the points are another's, who has a birthday of their own.

    :raises TooEarly: somebody noted one of them all the same.
    """
    with unit_of_work():
        asked = [ToJudge(programme, _event(programme, one, day, begin, at), one, rules) for one in members]
        made = _posted(programme, judge_of(asked).in_turn(asked), at)
        if len(events.insert(made)) < len(made):
            raise TooEarly(members=sorted(str(event.member_id) for event in made))
        keep(made, at=at)
        return sum(event.transaction_id is not None for event in made)


def _event(programme: Programme, member_id: UUID, day: date, begin: datetime, at: datetime) -> Event:
    return Event(
        id=new_id(),
        programme_id=programme.id,
        trigger=Trigger.BIRTHDAY,
        member_id=member_id,
        year=day.year,
        occurred_at=begin,
        recorded_at=at,
    )


def _posted(programme: Programme, judged: Sequence[Event], at: datetime) -> list[Event]:
    """Post what birthdays earn; return them as they are to be noted."""
    refused: dict[UUID, DomainError] = {}
    while True:
        earning = [event for event in judged if event.points and event.id not in refused]
        with transaction.atomic():
            outcomes = post_each([postings_of(programme, event, at=at) for event in earning], at=at)
            because = {one.id: it for one, it in zip(earning, outcomes, strict=True) if isinstance(it, DomainError)}
            # With what else was posted of those that are refused.
            transaction.set_rollback(bool(because))
        if not because:
            merged = {key for key, refusal in refused.items() if isinstance(refusal, MemberMerged)}
            return [_noted(one, refused.get(one.id)) for one in judged if one.id not in merged]
        refused |= because


def _noted(event: Event, refusal: DomainError | None) -> Event:
    if isinstance(refusal, BalanceTooLarge):
        return without_points(event, NoPoints.BALANCE_TOO_LARGE)
    if refusal:
        raise refusal
    return event
