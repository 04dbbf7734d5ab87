"""One journey: what was told on behalf of one request, and who acted on it when."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from django.conf import settings

from shared.db import array, rows


class Told(msgspec.Struct, frozen=True):
    """A message of a journey; `waits_for` are the destinations without a report yet, parked and bulk ones marked."""

    message_id: UUID
    name: str
    producer: str
    causation_id: str
    occurred_at: datetime
    destinations: list[str]
    waits_for: list[str]


class Received(msgspec.Struct, frozen=True):
    """A message that this service acted on."""

    message_id: UUID
    consumer: str
    received_at: datetime


_TOLD = """
SELECT message_id, name, %(service)s, causation_id, occurred_at,
       ARRAY(SELECT jsonb_array_elements_text(destinations)),
       ARRAY(SELECT destination || CASE WHEN parked_at IS NOT NULL THEN ' (parked)' WHEN is_bulk THEN ' (bulk)'
                                       ELSE '' END
             FROM outbox WHERE outbox.message_id = told.message_id ORDER BY destination)
FROM told_message AS told WHERE correlation_id = %(journey)s ORDER BY message_id
"""
_RECEIVED = "SELECT message_id, %s, received_at FROM inbox WHERE message_id = ANY (%s::uuid[]) ORDER BY received_at"


def told(correlation_id: str) -> list[Told]:
    """Return the messages that this service told in a journey, oldest first."""
    return [Told(*row) for row in rows(_TOLD, {"service": settings.SERVICE, "journey": correlation_id})]


def received(ids: Sequence[UUID]) -> list[Received]:
    """Return when this service acted on each of these messages."""
    return [Received(*row) for row in rows(_RECEIVED, [settings.SERVICE, array(ids)])]
