"""What intake does: stage messages as they are, and make room for the months to come."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import msgspec
from django.db import transaction

from shared import clock
from shared.contracts.base import REGISTRY
from shared.db import Prepared, array, columns, execute, rows, text_array
from shared.ids import milliseconds_of
from shared.messaging.inbox import Delivery
from warehouse.partitions import MONTHS_AHEAD

_STAGE = Prepared(
    "intake_stage",
    """
    WITH staged AS (
        INSERT INTO staging_message (message_id, name, version, producer, occurred_at, correlation_id, causation_id,
                                     payload, is_readable, delay_ms, staged_at)
        SELECT *, %(at)s::timestamptz FROM unnest(
            %(ids)s::uuid[], %(names)s::text[], %(versions)s::smallint[], %(producers)s::text[],
            %(instants)s::timestamptz[], %(correlations)s::text[], %(causations)s::text[], %(payloads)s::jsonb[],
            %(readable)s::boolean[], %(delays)s::bigint[])
        ON CONFLICT DO NOTHING
        RETURNING staged_seq, occurred_at)
    SELECT min(staged_seq), max(staged_seq), min(occurred_at), max(occurred_at) FROM staged
    """,
)
_PLAIN = ("ids", "versions", "instants", "readable", "delays")
_COLUMNS = (
    "ids", "names", "versions", "producers", "instants", "correlations", "causations", "payloads", "readable", "delays",
)  # fmt: skip
_UNREAD = """
SELECT message_id, name, version, payload::text FROM staging_message
WHERE occurred_at >= %s AND occurred_at < %s AND NOT is_readable
"""
_MARK_READABLE = """
UPDATE staging_message SET is_readable = true
WHERE occurred_at >= %s AND occurred_at < %s AND message_id = ANY(%s::uuid[])
"""
_NOT_MADE = """
SELECT partrelid::regclass::text, month::date
FROM pg_partitioned_table
CROSS JOIN generate_series(date_trunc('month', %(at)s AT TIME ZONE 'UTC'),
                           date_trunc('month', %(at)s AT TIME ZONE 'UTC') + %(ahead)s * interval '1 month',
                           interval '1 month') AS month
WHERE to_regclass(format('%%s_%%s', partrelid::regclass, to_char(month, 'YYYY_MM'))) IS NULL
ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Slice:
    """Which staged messages to work on: by their numbers, and by their time so that only those months are read."""

    first_seq: int
    last_seq: int
    since: datetime
    until: datetime


def stage(deliveries: Sequence[Delivery], *, at: datetime, machine_at: datetime) -> Slice | None:
    """Write messages as they arrived, readable or not, in one statement; return which rows these are.

    `at` is the installation's time, and `machine_at` the machine's, as is when their ids were made.
    A message that is staged already is left as it is; None when all are.
    """
    seen_ms = int(machine_at.timestamp() * 1000)
    values = zip(_COLUMNS, columns([_record(delivery, seen_ms) for delivery in deliveries], len(_COLUMNS)), strict=True)
    arrays = {name: (array if name in _PLAIN else text_array)(column) for name, column in values}
    [(first, last, since, until)] = _STAGE.rows({"at": at, **arrays})
    return None if first is None else Slice(first, last, since, until)


def read_again(*, since: datetime, until: datetime) -> int:
    """Try the messages of a time that nobody could read when they came; return how many can be read now.

    Their facts are for the caller to make.
    """
    unread = rows(_UNREAD, [since, until])
    mended = [message_id for message_id, name, version, payload in unread if _is_readable(name, version, payload)]
    return execute(_MARK_READABLE, [since, until, mended])


def make_partitions(*, at: datetime) -> int:
    """Make the partitions of this month and the next three, of every partitioned table; return how many were new.

    Rows of such a month that came too early move over from the default partition.
    """
    return sum(_make_partition(table, month) for table, month in rows(_NOT_MADE, {"at": at, "ahead": MONTHS_AHEAD}))


def _make_partition(table: str, month: date) -> bool:
    """Make one in a transaction of its own: with locks on two tables it could stand in the way of a statement that
    reads one of them, while waiting for what that has locked of the other."""
    with transaction.atomic():
        execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [table])
        [(made,)] = rows("SELECT make_month_partition(%s::regclass, %s)", [table, month])
    return bool(made)


def make_partitions_until(until: datetime) -> int:
    """Make the partitions of all months from now until an instant, and of the next three; return how many were new."""
    at, made = min(clock.now(), until), 0
    while at < until:
        made += make_partitions(at=at)
        at += MONTHS_AHEAD * timedelta(days=28)
    return made + make_partitions(at=until)


def _is_readable(name: str, version: int, payload: str) -> bool:
    try:
        REGISTRY[name, version].read(json.loads(payload))
    except (KeyError, msgspec.ValidationError):
        return False
    return True


def _record(delivery: Delivery, seen_ms: int) -> tuple[object, ...]:
    envelope = delivery.envelope
    return (
        envelope.id,
        envelope.name,
        envelope.version,
        envelope.producer,
        envelope.occurred_at,
        envelope.correlation_id,
        envelope.causation_id,
        msgspec.json.encode(envelope.payload).decode(),
        delivery.message is not None,
        seen_ms - milliseconds_of(envelope.id),
    )
