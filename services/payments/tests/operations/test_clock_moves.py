"""A move of the test clock: questions, answers, and where the time stands."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from payments.sandbox import queries
from payments.sandbox.errors import ClockMoving
from payments.sandbox.models import ClockAnswer, ClockMove
from payments.sandbox.operations import LEAD, begin_move
from shared import clock
from shared.contracts.clock import ClockMoved, ClockReached
from shared.contracts.routes import SERVICES
from shared.ids import new_id
from shared.testing.messages import deliver, envelope_of, published

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WHO = new_id()


@pytest.fixture
def at() -> datetime:
    return clock.now()


@pytest.fixture
def move(at: datetime) -> ClockMove:
    return begin_move(at + 30 * DAY, requested_by=WHO, at=at)


def reached(service: str, asked: ClockMoved, **changes: Any) -> ClockReached:
    values = {"done": {}, "next_due_at": None, "published": 0, "waiting": 0} | changes
    return ClockReached(service=service, move_id=asked.move_id, number=asked.number, **values)


def last_question() -> ClockMoved:
    return max(published(ClockMoved), key=lambda message: message.number)


def all_answer(**of_service: dict[str, Any]) -> None:
    asked = last_question()
    for service in SERVICES:
        deliver(reached(service, asked, **of_service.get(service, {})))


def test_first_the_time_stands_where_no_process_has_been(move: ClockMove, at: datetime) -> None:
    assert published(ClockMoved) == [ClockMoved(move_id=move.id, number=1, at=at + LEAD, target=at + 30 * DAY)]
    assert (move.state, move.since, move.at) == ("moving", at, at + LEAD)


def test_a_move_of_less_than_that_stands_at_its_end(at: datetime) -> None:
    move = begin_move(at + LEAD / 2, requested_by=WHO, at=at)

    assert move.at == move.target == at + LEAD / 2


def test_it_may_be_said_how_far(at: datetime) -> None:
    assert begin_move(7 * DAY, requested_by=WHO, at=at).target == at + 7 * DAY


def test_one_move_at_a_time(move: ClockMove, at: datetime) -> None:
    with pytest.raises(ClockMoving) as refusal, transaction.atomic():
        begin_move(at + DAY, requested_by=WHO, at=at)

    assert refusal.value.members == {"move_id": move.id}
    assert len(published(ClockMoved)) == ClockMove.objects.count() == 1


def test_it_goes_from_one_due_instant_to_the_next_and_asks_at_each_until_all_are_quiet(
    move: ClockMove, at: datetime
) -> None:
    due = at + 3 * DAY
    all_answer(points={"next_due_at": due})
    assert last_question().at == at + LEAD  # one round is not enough
    all_answer(points={"next_due_at": due})
    assert last_question().at == due

    all_answer(points={"done": {"holds_expired": 2}, "published": 2, "waiting": 2})
    all_answer(points={"published": 2})
    assert last_question().at == due  # the round before had messages under way
    all_answer(points={"published": 2})
    assert last_question().at == move.target
    all_answer(points={"published": 2})
    all_answer(points={"published": 2})

    move.refresh_from_db()
    assert (move.state, move.at) == ("done", move.target)
    assert [(one.at, one.service, one.kind, one.count) for one in queries.happened(move)] == [
        (due, "points", "holds_expired", 2)
    ]
    assert [message.number for message in published(ClockMoved)] == list(range(1, 9))


def test_at_the_end_the_time_goes_on_from_the_target(move: ClockMove) -> None:
    for _ in range(4):
        all_answer()

    last = last_question()
    move.refresh_from_db()
    assert move.finished_at is not None
    assert last.offset_microseconds is not None
    assert move.finished_at + timedelta(microseconds=last.offset_microseconds) == move.target


def test_a_question_needs_all_answers_and_each_once(move: ClockMove, at: datetime) -> None:
    asked = last_question()
    for service in SERVICES[:3]:
        deliver(reached(service, asked))
    assert last_question().number == 1

    deliver(reached(SERVICES[3], asked))
    assert last_question().number == 2
    for service in SERVICES:  # late: they answer what is asked no more
        deliver(reached(service, asked, done={"holds_expired": 1}))

    assert (last_question().number, ClockAnswer.objects.count(), queries.happened(move)) == (2, 4, [])


def test_nobody_answers_for_another(move: ClockMove) -> None:
    forged = envelope_of(reached("points", last_question()), producer="warehouse")

    assert list(deliver(forged).failed) == [forged.id]
    assert ClockAnswer.objects.count() == 0


def test_an_answer_to_no_move_of_ours_changes_nothing() -> None:
    deliver(ClockReached(service="auth", move_id=new_id(), number=1, done={}, next_due_at=None, published=0, waiting=0))

    assert ClockAnswer.objects.count() == ClockMove.objects.count() == 0


def test_the_numbers_of_a_later_move_go_on(move: ClockMove) -> None:
    for _ in range(4):
        all_answer()
    last = last_question().number

    again = begin_move(move.target + DAY, requested_by=WHO, at=move.target)

    assert (again.number, last_question().number) == (last + 1, last + 1)
    assert isinstance(again.id, UUID)
