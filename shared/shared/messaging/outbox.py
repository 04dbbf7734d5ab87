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

# The order of the arrays is the order of telling, and `number` keeps it.
_INSERT = Prepared(
    "outbox_insert",
    """
    WITH told AS (
        INSERT INTO told_message (message_id, name, version, destinations, correlation_id, causation_id, payload,
                                  occurred_at)
        SELECT *, %(at)s::timestamptz FROM unnest(
            %(ids)s::uuid[], %(names)s::text[], %(versions)s::smallint[], %(destinations)s::jsonb[],
            %(correlations)s::text[], %(causations)s::text[], %(payloads)s::jsonb[]))
    INSERT INTO outbox (message_id, destination, next_attempt_at)
    SELECT message_id, destination, %(at)s::timestamptz
    FROM unnest(%(ids)s::uuid[], %(destinations)s::jsonb[]) WITH ORDINALITY AS told (message_id, destinations, place)
    CROSS JOIN LATERAL jsonb_array_elements_text(destinations) AS destination ORDER BY place
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
    brings its own as `Outgoing` (operations on lists). The rows go with the transaction's next statement or its end.

    :raises OutsideTransaction: no transaction is open.
    """
    if not messages:
        return []
    if not connection.in_atomic_block:
        raise OutsideTransaction(messages)
    ids = [new_id() for _ in messages]
    records = [_record(message_id, message) for message_id, message in zip(ids, messages, strict=True)]
    message_ids, names, versions, destinations, correlations, causations, payloads = columns(records, 7)
    _INSERT.later(
        {
            "at": at or clock.now(),
            "ids": array(message_ids),
            "names": array(names),
            "versions": array(versions),
            "destinations": text_array(destinations),
            "correlations": text_array(correlations),
            "causations": text_array(causations),
            "payloads": text_array(payloads),
        }
    )
    return ids


def _record(message_id: UUID, said: Contract | Outgoing) -> tuple[object, ...]:
    if isinstance(said, Outgoing):
        message, correlation, causation = said.message, said.correlation_id, said.causation_id
    else:
        message, correlation, causation = said, context.correlation_id.get(), context.causation_id.get()
    payload = msgspec.json.encode(message).decode()
    destinations = msgspec.json.encode(ROUTES[type(message)]).decode()
    return (
        message_id,
        message.NAME,
        message.VERSION,
        destinations,
        correlation or str(message_id),
        causation,
        payload,
    )
