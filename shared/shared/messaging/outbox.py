"""Writing messages in the transaction of the change they report."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection

from shared import clock, context
from shared.contracts.base import Contract
from shared.contracts.routes import ROUTES
from shared.db import Prepared, array, columns, text_array
from shared.ids import new_id

_INSERT = Prepared(
    "outbox_insert",
    """
    INSERT INTO outbox (message_id, destination, name, version, correlation_id, causation_id, payload,
                        occurred_at, created_at, next_attempt_at, attempts, failures, last_error)
    SELECT *, %(at)s::timestamptz, %(at)s::timestamptz, %(at)s::timestamptz, 0, 0, '' FROM unnest(
        %(ids)s::uuid[], %(destinations)s::text[], %(names)s::text[], %(versions)s::smallint[],
        %(correlations)s::text[], %(causations)s::text[], %(payloads)s::jsonb[])
    """,
)


class OutsideTransaction(AssertionError):
    """A message was written outside a transaction, so it could outlive the change it reports."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message with its own journey and cause, where these are not those of the present work."""

    message: Contract
    correlation_id: str
    causation_id: str


def tell(messages: Sequence[Contract | Outgoing], *, at: datetime | None = None) -> list[UUID]:
    """Write messages for every service that listens to them, in one statement; return their ids.

    The correlation and causation ids are those of the present request or message, unless a message
    brings its own as `Outgoing` (operations on lists).

    :raises OutsideTransaction: no transaction is open.
    """
    if not messages:
        return []
    if not connection.in_atomic_block:
        raise OutsideTransaction(messages)
    at = at or clock.now()
    ids = [new_id() for _ in messages]
    records = [
        record for message_id, message in zip(ids, messages, strict=True) for record in _records(message_id, message)
    ]
    message_ids, destinations, names, versions, correlations, causations, payloads = columns(records, 7)
    _INSERT.execute(
        {
            "at": at,
            "ids": array(message_ids),
            "destinations": array(destinations),
            "names": array(names),
            "versions": array(versions),
            "correlations": text_array(correlations),
            "causations": text_array(causations),
            "payloads": text_array(payloads),
        }
    )
    return ids


def _records(message_id: UUID, said: Contract | Outgoing) -> list[tuple[object, ...]]:
    if isinstance(said, Outgoing):
        message, correlation, causation = said.message, said.correlation_id, said.causation_id
    else:
        message, correlation, causation = said, context.correlation_id.get(), context.causation_id.get()
    payload = msgspec.json.encode(message).decode()
    return [
        (message_id, destination, message.NAME, message.VERSION, correlation or str(message_id), causation, payload)
        for destination in ROUTES[type(message)]
    ]
