"""Entries of our queues that are no message or report as agreed: logged, counted, and seen by operators.

Nothing of ours is lost with one: what a producer has no report on comes again. So one means that somebody else, or a
release with a fault, writes to the broker.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from celery import current_task, signals
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection

from shared import clock
from shared.broker import Channel
from shared.celery import queues_of
from shared.db import execute, rows

log = logging.getLogger(__name__)
T = TypeVar("T")
# What a reader of an entry raises that is not as agreed.
FAULTS = (msgspec.DecodeError, ValueError, TypeError, KeyError)
OTHER = "other"
_NOTE = """
INSERT INTO malformed_entry AS m (queue, count, last_at, last_error) VALUES (%s, 1, %s, %s)
ON CONFLICT (queue) DO UPDATE SET count = m.count + 1, last_at = excluded.last_at, last_error = excluded.last_error
"""
_COUNTS = "SELECT queue, count, last_at, last_error FROM malformed_entry ORDER BY queue"


class Malformed(msgspec.Struct, frozen=True):
    """How many entries of a queue were malformed, ever, and what was wrong with the last one."""

    queue: str
    count: int
    last_at: datetime
    last_error: str


def counts() -> list[Malformed]:
    """Return the queues that had malformed entries; `other` are those of no queue of ours."""
    return [Malformed(*row) for row in rows(_COUNTS)]


def note(queue: str, error: object) -> None:
    """Log and count an entry; where the database is away it is logged alone."""
    log.error("malformed entry in %s: %r", queue, error)
    known = queue if queue in queues_of(settings.SERVICE) else OTHER
    try:
        execute(_NOTE, [known, clock.machine_now(), ascii(error)[:500]])
    except DatabaseError:
        log.exception("the malformed entry in %s was not counted", queue)


def read_or_note(read: Callable[[], T]) -> T | None:
    """Return what the task in hand was given, as read by `read`; None where that is malformed, which is counted."""
    try:
        return read()
    except FAULTS as error:
        note(queue_in_hand(), error)
        return None


def queue_in_hand() -> str:
    """Return the queue that the task in hand came from, as the worker knows it (shared.broker); "" outside a worker."""
    info = getattr(current_task, "request", None) and current_task.request.delivery_info
    return (info or {}).get("routing_key") or ""


@signals.task_unknown.connect
@signals.task_rejected.connect
def _note_what_is_no_task(message: Any = None, exc: object = None, **_: Any) -> None:
    note_in_main_process((message.delivery_info or {}).get("routing_key", ""), exc or "no task")


def note_in_main_process(queue: str, error: object) -> None:
    """Note from a worker's main process, which keeps no connection: its children would inherit it."""
    try:
        note(queue, error)
    finally:
        connection.close()


# Here, because the transport is loaded where there are no models.
Channel.on_malformed = staticmethod(note_in_main_process)
