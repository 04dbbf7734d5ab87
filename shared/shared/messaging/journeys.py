"""One journey: what was published on behalf of one request, and who acted on it when."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from django.conf import settings

from shared.db import array, rows
from shared.ids import made_at


class Published(msgspec.Struct, frozen=True):
    """A message of a journey; `waits_for` are the destinations without a report yet, parked and bulk ones marked.

    `occurred_at` is the installation's time, `made_at` the machine's, as is when others received it.
    """

    message_id: UUID
    name: str
    producer: str
    causation_id: str
    occurred_at: datetime
    destinations: list[str]
    waits_for: list[str]
    made_at: datetime


class Received(msgspec.Struct, frozen=True):
    """A message that this service acted on."""

    message_id: UUID
    consumer: str
    received_at: datetime


_NAMES = Published.__struct_fields__[:-1]
_PUBLISHED = """
SELECT message_id, name, %(service)s, causation_id, occurred_at,
       ARRAY(SELECT jsonb_array_elements_text(destinations)),
       ARRAY(SELECT destination || CASE WHEN parked_at IS NOT NULL THEN ' (parked)' WHEN is_bulk THEN ' (bulk)'
                                       ELSE '' END
             FROM outbox WHERE outbox.message_id = published.message_id ORDER BY destination)
FROM published_message AS published WHERE correlation_id = %(journey)s ORDER BY message_id
"""
_RECEIVED = "SELECT message_id, %s, received_at FROM inbox WHERE message_id = ANY (%s::uuid[]) ORDER BY received_at"


def published(correlation_id: str) -> list[Published]:
    """Return the messages that this service published in a journey, oldest first."""
    found = rows(_PUBLISHED, {"service": settings.SERVICE, "journey": correlation_id})
    return [Published(**dict(zip(_NAMES, row, strict=True)), made_at=made_at(row[0])) for row in found]


def received(ids: Sequence[UUID]) -> list[Received]:
    """Return when this service acted on each of these messages."""
    return [Received(*row) for row in rows(_RECEIVED, [settings.SERVICE, array(ids)])]
