"""The tasks that cross services, and the housekeeping of messages, tokens and keys."""

import logging
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from celery import shared_task
from django.conf import settings
from kombu.exceptions import OperationalError

from shared import alive, clock
from shared.celery import acks_name, inbox_name
from shared.contracts.base import Envelope, may_say
from shared.idempotency.purge import purge_records
from shared.jobs.slices import time_slice
from shared.messaging import acks, comparison, inbox
from shared.messaging.lanes import Lane, in_lane
from shared.messaging.malformed import queue_in_hand, read_or_note
from shared.messaging.producers import acks_of, inbox_of, send
from shared.messaging.purge import purge_inbox, purge_published
from shared.tokens.revocations import purge_notes

log = logging.getLogger(__name__)


@shared_task(name="messages.receive")
def receive(*_: Any, pack: Any = None, lane: Any = Lane.INTERACTIVE, **__: Any) -> None:
    """Act on a pack of one producer's messages and report to it; then do the chunks of jobs that they enqueued.

    What is published because of them takes the lane in which they came. A pack that is none is counted (malformed).
    """
    taken = read_or_note(lambda: _taken(pack, lane))
    if taken is None:
        return
    (envelopes, of_lane), by = taken, inbox.handlers()
    with in_lane(of_lane), time_slice() as mine:
        _report(envelopes[0].producer, inbox.receive(envelopes, by))
        mine.run(by)


def _taken(pack: Any, lane: Any) -> tuple[list[Envelope], Lane]:
    """Read a pack: messages of one producer, which are its own to say, and of the queue where it alone may write."""
    envelopes, of_lane = msgspec.json.decode(pack, type=list[Envelope]), Lane(lane)
    [producer] = {envelope.producer for envelope in envelopes}
    _check_is_from_producer(producer, of_lane)
    if foreign := {envelope.name for envelope in envelopes if not may_say(producer, envelope.name)}:
        raise ValueError(f"{', '.join(sorted(foreign))} said by {producer}")
    return envelopes, of_lane


def _check_is_from_producer(producer: str, lane: Lane) -> None:
    if (queue := queue_in_hand()) and queue != inbox_name(settings.SERVICE, producer, lane):
        raise ValueError(f"messages of {producer} in lane {lane}")


def _report(producer: str, receipt: inbox.Receipt) -> None:
    report = {
        "consumer": settings.SERVICE,
        "done": [str(message_id) for message_id in receipt.done],
        "failed": _texts(receipt.failed),
        "unknown": _texts(receipt.unknown),
    }
    try:
        send(producer, acks_of(producer), "messages.acknowledge", report)
    except OperationalError as error:
        # The producer sends the pack again, the inbox absorbs it, and the report is made again.
        log.warning("the report to %s was not sent: %s", producer, error)


# Not in Flower: there is one for each pack, which is.
@shared_task(name="messages.acknowledge", send_events=False)
def acknowledge(*_: Any, **given: Any) -> None:
    """Take a consumer's report on messages we sent."""
    report = read_or_note(lambda: _report_of(given))
    if report is not None:
        acks.settle(**msgspec.structs.asdict(report), at=clock.machine_now())


def _report_of(given: dict[str, Any]) -> acks.Report:
    report = msgspec.convert(given, acks.Report)
    _check_is_from(report.consumer)
    return report


def _check_is_from(consumer: str) -> None:
    """Check that a consumer speaks for itself, on the queue into which nobody else may write.

    :raises ValueError: it speaks for another.
    """
    if (queue := queue_in_hand()) and queue != acks_name(settings.SERVICE, consumer):
        raise ValueError(f"a report of {consumer}")


@shared_task(name="messages.compare")
def compare(*, hours: int | None = None, **_: Any) -> None:
    """Begin to compare the messages of the last hours (all that are kept, when left out) with each consumer's."""
    for consumer in comparison.consumers():
        question = comparison.ask(consumer, hours=hours, at=clock.machine_now())
        send(consumer, inbox_of(consumer, Lane.BULK), "messages.answer_comparison", {"question": question.text()})


@shared_task(name="messages.answer_comparison")
def answer_comparison(*_: Any, question: Any = None, **__: Any) -> None:
    """Tell a producer where its messages and ours differ."""
    asked = read_or_note(lambda: _question_of(question))
    if asked is None:
        return
    answer = comparison.answer(asked)
    send(asked.producer, acks_of(asked.producer), "messages.conclude_comparison", {"answer": answer.text()})


@shared_task(name="messages.conclude_comparison")
def conclude_comparison(*_: Any, answer: Any = None, **__: Any) -> None:
    """Take a consumer's answer: ask closer where spans differ, send again what it lacks, note the result."""
    parsed = read_or_note(lambda: _answer_of(answer))
    if parsed is None:
        return
    for question in comparison.conclude(parsed, at=clock.machine_now()):
        send(
            parsed.consumer,
            inbox_of(parsed.consumer, Lane.BULK),
            "messages.answer_comparison",
            {"question": question.text()},
        )


def _question_of(text: Any) -> comparison.Question:
    question = msgspec.json.decode(text, type=comparison.Question)
    _check_is_from_producer(question.producer, Lane.BULK)
    return question


def _answer_of(text: Any) -> comparison.Answer:
    answer = msgspec.json.decode(text, type=comparison.Answer)
    _check_is_from(answer.consumer)
    return answer


@shared_task(name="housekeeping.ping", send_events=False)
def ping(**_: Any) -> None:
    """Show that this worker takes tasks and carries them out (shared.watchdog)."""
    alive.beat()


@shared_task(name="housekeeping.purge")
def purge(**_: Any) -> dict[str, int]:
    """Remove what is kept long enough: messages, inbox rows, idempotency records, revocation notes."""
    at = clock.machine_now()
    return {
        "published": purge_published(at=at),
        "inbox": purge_inbox(at=at),
        "idempotency": purge_records(at=at),
        "revocations": purge_notes(at=at),
    }


def _texts(errors: Mapping[UUID, str]) -> dict[str, str]:
    return {str(message_id): error for message_id, error in errors.items()}
