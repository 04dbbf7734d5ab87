"""Messages in tests: what was published, what arrives, and the stored examples."""

import json
from collections.abc import Iterator
from importlib import resources
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection

from shared import clock
from shared.contracts.base import REGISTRY, Contract, Envelope
from shared.contracts.routes import ROUTES
from shared.ids import new_id
from shared.jobs.slices import time_slice
from shared.messaging import inbox
from shared.messaging.models import InboxMessage, OutboxMessage, PublishedMessage

C = TypeVar("C", bound=Contract)
_PUBLISHED = """
SELECT payload::text FROM published_message JOIN outbox USING (message_id) WHERE name = %s
GROUP BY message_id, payload ORDER BY min(number)
"""


def published(contract: type[C]) -> list[C]:
    """Return the messages of one kind that were published, in the order of publishing."""
    with connection.cursor() as cursor:
        cursor.execute(_PUBLISHED, [contract.NAME])
        return [contract.read(json.loads(payload)) for (payload,) in cursor.fetchall()]


def envelope_of(message: Contract, *, message_id: UUID | None = None, producer: str = "") -> Envelope:
    """Return a message as it arrives."""
    return Envelope(
        id=message_id or new_id(),
        name=message.NAME,
        version=message.VERSION,
        producer=producer or message.PRODUCER or getattr(message, "service", "points"),
        occurred_at=clock.now(),
        correlation_id="journey-0001",
        causation_id="",
        payload=message.payload(),
    )


def deliver(*messages: Contract | Envelope) -> inbox.Receipt:
    """Let messages arrive in this service, as its worker would; return the report to the producer."""
    envelopes = [message if isinstance(message, Envelope) else envelope_of(message) for message in messages]
    return inbox.receive(envelopes, inbox.handlers())


def enqueued(contract: type[Contract]) -> list[PublishedMessage]:
    """Return the chunks of jobs that were enqueued and are not done."""
    done = InboxMessage.objects.values("message_id")
    return list(PublishedMessage.objects.filter(name=contract.NAME).exclude(message_id__in=done).order_by("message_id"))


def do_in_a_slice(contract: type[Contract], asked: PublishedMessage) -> inbox.Receipt:
    """Do a chunk that was enqueued, and those that follow it, as a worker's task does (shared.jobs.slices)."""
    with time_slice() as mine:
        receipt = deliver(envelope_of(contract.read(asked.payload), message_id=asked.message_id))
        OutboxMessage.objects.filter(message_id=asked.message_id).delete()
        mine.run(inbox.handlers())
    return receipt


def example(contract: type[Contract]) -> dict[str, Any]:
    """Return the stored example of a message's payload."""
    name = f"{contract.NAME}.v{contract.VERSION}.json"
    found: dict[str, Any] = json.loads(resources.files("shared.contracts").joinpath("examples", name).read_text())
    return found


def examples_for(service: str) -> Iterator[Contract]:
    """Yield the example of every message this service listens to."""
    for contract, consumers in ROUTES.items():
        if service in consumers:
            yield contract.read(example(contract))


def examples_of(service: str) -> Iterator[Contract]:
    """Yield the example of every message this service says."""
    for contract in REGISTRY.values():
        if service == contract.PRODUCER:
            yield contract.read(example(contract))
