"""Acting on messages: each has its effect once, in the transaction that remembers it."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from itertools import groupby
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import OperationalError, transaction

from shared import clock, context
from shared.contracts.base import Contract, Envelope
from shared.db import Prepared, array, columns, text_array

log = logging.getLogger(__name__)
# Deadlock and serialisation failure: nothing is wrong with the pack, somebody else went first.
_OTHERS_FIRST = ("40P01", "40001")
DEADLOCKS_AT_MOST = 3


_INSERT = Prepared(
    "inbox_insert",
    """
    INSERT INTO inbox (message_id, producer, name, received_at)
    SELECT *, %(at)s::timestamptz FROM unnest(%(ids)s::uuid[], %(producers)s::text[], %(names)s::text[])
    ON CONFLICT DO NOTHING RETURNING message_id
    """,
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A typed message that arrived, with its envelope."""

    envelope: Envelope
    message: Any

    @property
    def id(self) -> UUID:
        """Return the message's id."""
        return self.envelope.id


Handler = Callable[[Sequence[Delivery]], None]
Handlers = Mapping[type[Contract], Handler]


@dataclass(slots=True)
class Receipt:
    """What to report to a producer: ids that are done, and those that failed with the reason.

    `unknown` are failures that no repeat will mend: nobody here knows the message.
    """

    done: list[UUID] = field(default_factory=list)
    failed: dict[UUID, str] = field(default_factory=dict)
    unknown: dict[UUID, str] = field(default_factory=dict)


def each(handle: Callable[[Any], None]) -> Handler:
    """Make a handler of lists from a function that takes one message; its own messages name it as their cause."""

    def handle_all(deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            envelope = delivery.envelope
            with context.caused_by(correlation=envelope.correlation_id, causation=envelope.id):
                handle(delivery.message)

    return handle_all


def handlers() -> Handlers:
    """Return this service's `HANDLERS`; the key `Contract` itself takes every message."""
    found: Handlers = import_module(settings.MESSAGE_HANDLERS).HANDLERS
    return found


def receive(envelopes: Sequence[Envelope], by: Handlers) -> Receipt:
    """Act on the messages not seen before, and report on all of them.

    All together in one transaction; when that fails, one by one, so that one bad message fails alone.
    """
    known, receipt = _known(envelopes, by)
    try:
        _act_again_after_deadlock(known, by)
    except Exception as error:  # noqa: BLE001 - whatever it was, running one by one tells which message and logs it
        if len(known) > 1:
            log.warning("a pack of %d failed and is run one by one: %r", len(known), error)
        _act_one_by_one(known, by, receipt)
    else:
        receipt.done.extend(delivery.id for delivery in known)
    return receipt


def _act_again_after_deadlock(deliveries: Sequence[Delivery], by: Handlers) -> None:
    """Act on a pack; when PostgreSQL chose it to end a deadlock between packs, once more is far cheaper than singly."""
    for _ in range(DEADLOCKS_AT_MOST):
        try:
            return act(deliveries, by)
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", None) not in _OTHERS_FIRST:
                raise
            log.warning("a pack of %d gave way to another and is tried again", len(deliveries))
    return act(deliveries, by)


def _known(envelopes: Sequence[Envelope], by: Handlers) -> tuple[list[Delivery], Receipt]:
    known, receipt = [], Receipt()
    for envelope in envelopes:
        try:
            message = envelope.contract()
        except (KeyError, msgspec.ValidationError) as error:
            if Contract not in by:
                receipt.unknown[envelope.id] = f"{envelope.name} v{envelope.version}: {error!r}"
                continue
            message = None  # who takes every message keeps also one it cannot read
        if message is not None and type(message) not in by and Contract not in by:
            receipt.unknown[envelope.id] = f"{envelope.name}: no handler"
            continue
        known.append(Delivery(envelope, message))
    return known, receipt


def _act_one_by_one(deliveries: Sequence[Delivery], by: Handlers, receipt: Receipt) -> None:
    for delivery in deliveries:
        try:
            act([delivery], by)
        except Exception as error:
            log.exception("message %s %s failed", delivery.envelope.name, delivery.id)
            receipt.failed[delivery.id] = repr(error)[:1000]
        else:
            receipt.done.append(delivery.id)


def act(deliveries: Sequence[Delivery], by: Handlers) -> None:
    """Act on those of these messages that were not acted on before, and remember them, in one transaction."""
    with transaction.atomic():
        fresh = _not_seen(deliveries, at=clock.machine_now())
        for handler, run in _runs(fresh, by):
            handler(run)


def _runs(deliveries: Sequence[Delivery], by: Handlers) -> Iterator[tuple[Handler, list[Delivery]]]:
    """Cut into runs of neighbours with the same handler, so that the order of arrival is kept."""

    def handler_of(delivery: Delivery) -> Handler:
        return by.get(type(delivery.message)) or by[Contract]

    for handler, run in groupby(deliveries, key=handler_of):
        yield handler, list(run)


def _not_seen(deliveries: Sequence[Delivery], *, at: datetime) -> list[Delivery]:
    # Sorted, so that two workers with overlapping packs wait for each other and never in a ring.
    records = sorted({(d.id, d.envelope.producer, d.envelope.name) for d in deliveries})
    ids, producers, names = columns(records, 3)
    new = _INSERT.rows({"at": at, "ids": array(ids), "producers": text_array(producers), "names": text_array(names)})
    left = {row[0] for row in new}
    fresh = []
    for delivery in deliveries:
        if delivery.id in left:
            left.discard(delivery.id)
            fresh.append(delivery)
    return fresh
