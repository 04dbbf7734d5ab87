"""What members earn by registering: once in each programme whose rules of that instant say so."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from points.earning.queries import rules_at
from points.earning.rules import Trigger
from points.events.operations.judging import ToJudge, judge_of, keep
from points.events.operations.postings import postings_of
from points.events.rows import events
from points.events.rules.events import Event
from points.ledger.merges import aliases
from points.ledger.posting import post_all
from points.ledger.rules.values import Posting
from points.programmes.queries import active_programmes
from shared.db import unit_of_work
from shared.errors import TooEarly
from shared.ids import new_id


class Registration(NamedTuple):
    """Somebody who registered, and the message that said so."""

    member_id: UUID
    registered_at: datetime
    correlation_id: str = ""
    causation_id: str = ""


def earn_by_registrations(said: Sequence[Registration], *, at: datetime) -> None:
    """Give members the points of their registration, in each programme whose rules had some at its instant, once.

    Saying it again does nothing, whatever the rules have become since.

    :raises DomainError: the ledger refuses an earning, so none of the list is kept.
    :raises TooEarly: somebody else notes one of them at this moment.
    """
    with unit_of_work():
        by_member = {one.member_id: one for one in said}
        asked = _asked(list(by_member.values()), at)
        if not asked:
            return
        judge = judge_of(asked)
        # Under the locks, so that two who are told it at once note it once.
        known = events.registered([(one.programme.id, one.event.member_id) for one in asked])
        new = [one for one in asked if _key(one) not in known]
        made = judge.in_turn(new)
        if len(events.insert(made)) < len(made):
            raise TooEarly(members=sorted(str(event.member_id) for event in made))
        pairs = [(one, event) for one, event in zip(new, made, strict=True) if event.points]
        earned = [_postings(one, event, by_member[event.member_id], at) for one, event in pairs]
        post_all([posting for postings in earned for posting in postings], at=at)
        keep(made, at=at)


def _asked(said: Sequence[Registration], at: datetime) -> list[ToJudge]:
    programmes = active_programmes()
    found = [
        ToJudge(programme, _event(one, programme.id, at), one.member_id, rules)
        for one in said
        for programme in programmes
        if (rules := rules_at(programme, one.registered_at)) and Trigger.REGISTRATION in rules.ready.by_trigger
    ]
    now = aliases({one.member_id for one in found}) if found else {}
    return [one._replace(member_id=now.get(one.member_id, one.member_id)) for one in found]


def _event(one: Registration, programme_id: UUID, at: datetime) -> Event:
    return Event(
        id=new_id(),
        programme_id=programme_id,
        trigger=Trigger.REGISTRATION,
        member_id=one.member_id,
        occurred_at=one.registered_at,
        recorded_at=at,
    )


def _key(one: ToJudge) -> tuple[UUID, UUID]:
    return one.programme.id, one.event.member_id


def _postings(one: ToJudge, event: Event, said: Registration, at: datetime) -> list[Posting]:
    return postings_of(one.programme, event, correlation_id=said.correlation_id, causation_id=said.causation_id, at=at)
