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
from shared.contracts.base import Envelope
from shared.idempotency.purge import purge_records
from shared.messaging import acks, comparison, inbox, steps
from shared.messaging.lanes import Lane, in_lane
from shared.messaging.producers import acks_of, inbox_of, send
from shared.messaging.purge import purge_inbox, purge_told
from shared.tokens.revocations import purge_notes

log = logging.getLogger(__name__)


@shared_task(name="messages.receive")
def receive(*, pack: str, lane: str = Lane.INTERACTIVE, **_: Any) -> None:
    """Act on a pack of one producer's messages and report to it; then do the next steps that they asked for.

    What is published because of them takes the lane in which they came.
    """
    envelopes, by = msgspec.json.decode(pack, type=list[Envelope]), inbox.handlers()
    with in_lane(Lane(lane)), steps.turn():
        _report(envelopes[0].producer, inbox.receive(envelopes, by))
        steps.go_on(by)


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
def acknowledge(*, consumer: str, done: list[str], failed: dict[str, str], unknown: dict[str, str], **_: Any) -> None:
    """Take a consumer's report on messages we sent."""
    acks.settle(
        consumer=consumer, done=[UUID(one) for one in done], failed=_by_id(failed), unknown=_by_id(unknown),
        at=clock.now(),
    )  # fmt: skip


@shared_task(name="messages.compare")
def compare(*, hours: int | None = None, **_: Any) -> None:
    """Begin to compare the messages of the last hours (all that are kept, when left out) with each consumer's."""
    for consumer in comparison.consumers():
        question = comparison.ask(consumer, hours=hours, at=clock.now())
        send(consumer, inbox_of(consumer, Lane.BULK), "messages.answer_comparison", {"question": question.text()})


@shared_task(name="messages.answer_comparison")
def answer_comparison(*, question: str, **_: Any) -> None:
    """Tell a producer where its messages and ours differ."""
    asked = msgspec.json.decode(question, type=comparison.Question)
    answer = comparison.answer(asked)
    send(asked.producer, acks_of(asked.producer), "messages.conclude_comparison", {"answer": answer.text()})


@shared_task(name="messages.conclude_comparison")
def conclude_comparison(*, answer: str, **_: Any) -> None:
    """Take a consumer's answer: ask closer where spans differ, send again what it lacks, note the result."""
    told = msgspec.json.decode(answer, type=comparison.Answer)
    for question in comparison.conclude(told, at=clock.now()):
        send(
            told.consumer,
            inbox_of(told.consumer, Lane.BULK),
            "messages.answer_comparison",
            {"question": question.text()},
        )


@shared_task(name="housekeeping.ping", send_events=False)
def ping(**_: Any) -> None:
    """Show that this worker takes tasks and carries them out (shared.watchdog)."""
    alive.beat()


@shared_task(name="housekeeping.purge")
def purge(**_: Any) -> dict[str, int]:
    """Remove what is kept long enough: messages, inbox rows, idempotency records, revocation notes."""
    at = clock.now()
    return {
        "told": purge_told(at=at),
        "inbox": purge_inbox(at=at),
        "idempotency": purge_records(at=at),
        "revocations": purge_notes(at=at),
    }


def _texts(errors: Mapping[UUID, str]) -> dict[str, str]:
    return {str(message_id): error for message_id, error in errors.items()}


def _by_id(errors: Mapping[str, str]) -> dict[UUID, str]:
    return {UUID(message_id): error for message_id, error in errors.items()}
