"""Doing what is due at the instant where the time stands, and saying that it is done."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from shared.contracts.clock import ClockMoved, ClockReached
from shared.db import rows, unit_of_work
from shared.ids import first_id_of
from shared.messaging.lanes import Lane, in_lane
from shared.messaging.outbox import publish
from shared.testclock.due import due, first
from shared.testclock.reading import READING

_ABOUT_CLOCK = [ClockMoved.NAME, ClockReached.NAME]
_OPEN = "SELECT move_id, number, stands_at, target, begun_at FROM test_clock WHERE number > answered"
_ANSWERED = "UPDATE test_clock SET answered = %s WHERE number = %s AND answered < number RETURNING 1"
_WAITING = """
SELECT count(*) FROM (SELECT FROM outbox CROSS JOIN LATERAL (
        SELECT name FROM published_message p WHERE p.message_id = outbox.message_id OFFSET 0) p
    WHERE parked_at IS NULL AND p.name <> ALL (%s::text[]) LIMIT 100) waiting
"""
_PUBLISHED = "SELECT count(*) FROM published_message WHERE message_id >= %s AND name <> ALL (%s::text[])"
# What is published in an answer's wake is acted on within this time, or the next question finds it still waiting.
_PATIENCE_SECONDS, _PAUSE_SECONDS = 1.0, 0.01
# Longer than a transaction: a message's id is made before it commits.
_BEFORE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: to do what is due at `at`, on the way to `target`."""

    move_id: UUID
    number: int
    at: datetime
    target: datetime
    begun_at: datetime


def answer() -> int | None:
    """Do what is due where the time stands and say so; return the question's number, None where there is none.

    Safe to call again: killed anywhere, what was done stays done, and the rest is done by the next call. While another
    process is at it, it is left to that one.
    """
    with _alone() as mine:
        asked = _open_question() if mine else None
        if asked is None:
            return None
        done = _do(asked)
        _wait_until_nothing_waits()
        with in_lane(Lane.INTERACTIVE), unit_of_work():
            if rows(_ANSWERED, [asked.number, asked.number]):
                publish([_reached(asked, done)], at=asked.at)
        return asked.number


@contextmanager
def _alone() -> Iterator[bool]:
    key = "hashtext('shared.testclock')"
    mine = bool(rows(f"SELECT pg_try_advisory_lock({key})")[0][0])
    try:
        yield mine
    finally:
        if mine:
            rows(f"SELECT pg_advisory_unlock({key})")


def _open_question() -> Question | None:
    return next((Question(*row) for row in rows(_OPEN)), None)


def _do(asked: Question) -> dict[str, int]:
    READING.forget()
    for one in due():
        one.ahead(asked.target)
    done = {one.kind: one.run(asked.at) for one in due()}
    return {kind: count for kind, count in done.items() if count}


def _wait_until_nothing_waits() -> None:
    ends = time.monotonic() + _PATIENCE_SECONDS
    while _waiting() and time.monotonic() < ends:
        time.sleep(_PAUSE_SECONDS)


def _waiting() -> int:
    return int(rows(_WAITING, [_ABOUT_CLOCK])[0][0])


def _reached(asked: Question, done: dict[str, int]) -> ClockReached:
    since = first_id_of(asked.begun_at - _BEFORE)
    ((published,),) = rows(_PUBLISHED, [since, _ABOUT_CLOCK])
    return ClockReached(
        service=settings.SERVICE,
        move_id=asked.move_id,
        number=asked.number,
        done=done,
        next_due_at=first(one.next(asked.at) for one in due()),
        published=published,
        waiting=_waiting(),
    )
