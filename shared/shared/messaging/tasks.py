"""The two tasks that cross services, and the housekeeping of messages, tokens and keys."""

import logging
from typing import Any
from uuid import UUID

from celery import shared_task
from django.conf import settings
from kombu.exceptions import OperationalError

from shared import clock
from shared.contracts.base import Envelope
from shared.idempotency.purge import purge_records
from shared.messaging import acks, inbox
from shared.messaging.producers import send
from shared.messaging.purge import purge_inbox
from shared.tokens.revocations import purge_notes

log = logging.getLogger(__name__)


@shared_task(name="messages.receive")
def receive(*, envelopes: list[dict[str, Any]], **_: Any) -> None:
    """Act on a pack of one producer's messages and report to it."""
    read = [Envelope.read(envelope) for envelope in envelopes]
    receipt = inbox.receive(read, inbox.handlers())
    report = {
        "consumer": settings.SERVICE,
        "done": [str(message_id) for message_id in receipt.done],
        "failed": {str(message_id): error for message_id, error in receipt.failed.items()},
        "unknown": {str(message_id): error for message_id, error in receipt.unknown.items()},
    }
    try:
        send(read[0].producer, "acks", "messages.acknowledge", report)
    except OperationalError as error:
        # The producer sends the pack again, the inbox absorbs it, and the report is made again.
        log.warning("the report to %s was not sent: %s", read[0].producer, error)


@shared_task(name="messages.acknowledge")
def acknowledge(*, consumer: str, done: list[str], failed: dict[str, str], unknown: dict[str, str], **_: Any) -> None:
    """Take a consumer's report on messages we sent."""
    acks.settle(
        consumer=consumer,
        done=[UUID(message_id) for message_id in done],
        failed={UUID(message_id): error for message_id, error in failed.items()},
        unknown={UUID(message_id): error for message_id, error in unknown.items()},
        at=clock.now(),
    )


@shared_task(name="housekeeping.purge")
def purge(**_: Any) -> dict[str, int]:
    """Remove what is kept long enough: inbox rows, idempotency records, revocation notes."""
    at = clock.now()
    return {"inbox": purge_inbox(at=at), "idempotency": purge_records(at=at), "revocations": purge_notes(at=at)}
