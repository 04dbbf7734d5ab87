"""What members earn by birthdays of a day: judged, posted, and kept with why."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from points.earning.queries import ActiveRules
from points.earning.rules import Trigger
from points.events.operations.judging import ToJudge, judge_of, keep, posting_of, within_bounds
from points.events.rows import events
from points.events.rules.events import Event, NoPoints, without_points
from points.ledger.errors import BalanceTooLarge, MemberMerged
from points.ledger.posting import Outcome, post
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
        judge = judge_of(asked)
        judged = [within_bounds(one, judge.judge(one)) for one in asked]
        made = _posted(programme, judged, at)
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
    earning = [event for event in judged if event.points]
    outcomes = post([posting_of(programme, event, at=at) for event in earning], at=at)
    said = {event.id: outcome for event, outcome in zip(earning, outcomes, strict=True)}
    return [_noted(event, said.get(event.id)) for event in judged if not isinstance(said.get(event.id), MemberMerged)]


def _noted(event: Event, outcome: Outcome | None) -> Event:
    if isinstance(outcome, BalanceTooLarge):
        return without_points(event, NoPoints.BALANCE_TOO_LARGE)
    if isinstance(outcome, DomainError):
        raise outcome
    return event
