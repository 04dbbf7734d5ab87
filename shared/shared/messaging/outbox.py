"""Writing messages in the transaction of the change they report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

import msgspec
from django.db import connection

from shared import clock, context
from shared.contracts.base import Contract, JobStep
from shared.contracts.routes import ROUTES
from shared.db import Prepared, array, columns, repeated, text_array, unnested
from shared.ids import new_ids
from shared.messaging.lanes import Lane, lane_of
from shared.postgres.render import has_placeholders, in_json

# The order of the arrays is the order of publishing, and `number` keeps it.
_INSERT = Prepared(
    "outbox_insert",
    """
    WITH published AS (
        INSERT INTO published_message (message_id, name, version, destinations, correlation_id, causation_id, payload,
                                  occurred_at)
        SELECT *, %(at)s::timestamptz FROM """
    + unnested(
        {"ids": "uuid", "names": "text", "versions": "smallint", "destinations": "jsonb", "correlations": "text",
         "causations": "text", "payloads": "jsonb"},
        lines=["payloads"],
    )
    + """ AS messages)
    INSERT INTO outbox (message_id, destination, next_attempt_at, is_bulk)
    SELECT *, %(due_at)s::timestamptz, %(is_bulk)s::boolean FROM """
    + unnested({"message": "uuid", "destination": "text"})
    + " AS addresses",
)  # fmt: skip
# Most operations publish one message: plain values are planned, sent and read in half the time of arrays of one.
_PUBLISH_ONE = """
    INSERT INTO published_message (message_id, name, version, destinations, correlation_id, causation_id, payload,
                              occurred_at)
    VALUES (%(ids)s::uuid, %(names)s::text, %(versions)s::smallint, %(destinations)s::jsonb, %(correlations)s::text,
            %(causations)s::text, %(payloads)s::jsonb, %(at)s::timestamptz)
    """
_TO_ONE = """
    INSERT INTO outbox (message_id, destination, next_attempt_at, is_bulk)
    VALUES (%(ids)s::uuid, %(destination)s::text, %(due_at)s::timestamptz, %(is_bulk)s::boolean)
    """
_TO_SOME = """
    INSERT INTO outbox (message_id, destination, next_attempt_at, is_bulk)
    SELECT %(ids)s::uuid, destination, %(due_at)s::timestamptz, %(is_bulk)s::boolean
    FROM jsonb_array_elements_text(%(destinations)s::jsonb) AS destination
    """
_PUBLISH_ONE_RENDERED = _PUBLISH_ONE.replace("%(payloads)s::jsonb", "rendered(%(payloads)s::text)::jsonb")
# By whether it is for one service, and whether it has placeholders.
_INSERT_ONE = {
    (True, False): Prepared("outbox_insert_one", _PUBLISH_ONE, _TO_ONE),
    (True, True): Prepared("outbox_insert_one_rendered", _PUBLISH_ONE_RENDERED, _TO_ONE),
    (False, False): Prepared("outbox_insert_one_to_some", _PUBLISH_ONE, _TO_SOME),
    (False, True): Prepared("outbox_insert_one_to_some_rendered", _PUBLISH_ONE_RENDERED, _TO_SOME),
}
_ENCODE = msgspec.json.Encoder(enc_hook=in_json).encode
_COLUMNS = ("ids", "names", "versions", "destinations", "correlations", "causations", "payloads")


class OutsideTransaction(AssertionError):
    """A message was written outside a transaction, so it could outlive the change it reports."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message with its own journey and cause, where these are not those of the present work."""

    message: Contract
    correlation_id: str
    causation_id: str


def publish(
    messages: Sequence[Contract | Outgoing], *, at: datetime | None = None, due_at: datetime | None = None
) -> list[UUID]:
    """Write messages for every service that listens to them, in one statement; return their ids.

    The correlation and causation ids are those of the present request or message, unless a message
    brings its own as `Outgoing` (operations on lists). The lane is that of the present work (shared.messaging.lanes).
    The rows go with the transaction's next statement or its end, and are sent at once, or from `due_at` on: that is
    the machine's time, and `at` the installation's (docs/clock.md).

    :raises OutsideTransaction: no transaction is open.
    """
    if not messages:
        return []
    if not connection.in_atomic_block:
        raise OutsideTransaction(messages)
    ids = new_ids(len(messages))
    records = [_record(message_id, message) for message_id, message in zip(ids, messages, strict=True)]
    how = {
        "at": at or clock.now(),
        "due_at": due_at or clock.machine_now(),
        "is_bulk": _lane(messages) is Lane.BULK,
    }
    if len(records) == 1:
        _write_one(records[0], ROUTES[_kind(messages[0])], how)
    else:
        _write(records, [ROUTES[_kind(message)] for message in messages], how)
    return ids


def _write_one(record: tuple[object, ...], route: Sequence[str], how: Mapping[str, object]) -> None:
    values = {**dict(zip(_COLUMNS, record, strict=True)), **how, "destination": route[0]}
    _INSERT_ONE[len(route) == 1, has_placeholders(str(values["payloads"]))].later(values)


def _write(records: Sequence[tuple[object, ...]], routes: Sequence[Sequence[str]], how: Mapping[str, object]) -> None:
    message_ids, *others = columns(records, len(_COLUMNS))
    names, versions, *texts, _ = map(repeated, others)
    said = dict(zip(_COLUMNS[3:-1], map(text_array, texts), strict=True))
    # None has a line break: JSON writes it as two characters.
    said["payloads"] = "\n".join(others[-1])
    pairs = [(message_id, name) for message_id, route in zip(message_ids, routes, strict=True) for name in route]
    addressed, to = columns(pairs, 2)
    said |= {"ids": array(message_ids), "names": array(names), "versions": array(versions)}
    _INSERT.later({**said, **how, "message": array(addressed), "destination": array(repeated(to))})


def _lane(messages: Sequence[Contract | Outgoing]) -> Lane:
    """Return a list's lane; a chunk of a job is asked for alone."""
    return Lane.BULK if issubclass(_kind(messages[0]), JobStep) else lane_of(len(messages))


@cache
def _destinations(kind: type[Contract]) -> str:
    return msgspec.json.encode(ROUTES[kind]).decode()


def _kind(said: Contract | Outgoing) -> type[Contract]:
    return type(said.message if isinstance(said, Outgoing) else said)


def _record(message_id: UUID, said: Contract | Outgoing) -> tuple[object, ...]:
    if isinstance(said, Outgoing):
        message, correlation, causation = said.message, said.correlation_id, said.causation_id
    else:
        message, correlation, causation = said, context.correlation_id.get(), context.causation_id.get()
    payload = _ENCODE(message).decode()
    destinations = _destinations(type(message))
    return (
        message_id,
        message.NAME,
        message.VERSION,
        destinations,
        correlation or str(message_id),
        causation,
        payload,
    )
