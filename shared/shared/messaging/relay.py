"""Emptying the outbox: claim what is due, pack it, put it on the broker; the consumer's report removes it."""

import json
import logging
import select
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from kombu.exceptions import OperationalError

from shared import alive, clock
from shared.contracts.base import Envelope
from shared.contracts.routes import SERVICES
from shared.db import execute, rows
from shared.messaging.producers import send

log = logging.getLogger(__name__)

PACK = 500
IDLE_LOCK = 49349  # the same number stands in the trigger of migration 0001
BROKER_PAUSE = timedelta(seconds=2)
LINGER_SECONDS = 0.05
_CLAIM = """
WITH due AS (
    SELECT id FROM outbox
    WHERE destination = %(destination)s AND parked_at IS NULL AND next_attempt_at <= %(at)s
    ORDER BY next_attempt_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
UPDATE outbox SET attempts = attempts + 1,
    next_attempt_at = %(at)s::timestamptz + least(3600, 60 * power(2, least(attempts, 6))) * interval '1 second'
FROM due WHERE outbox.id = due.id
RETURNING outbox.id, message_id, name, version, occurred_at, correlation_id, causation_id, payload
"""


def relay_once(*, at: datetime, limit: int = PACK) -> int:
    """Send one pack to each destination that has messages due; return how many messages were sent.

    The next try is noted and committed before the pack is sent, so a relay that dies in between
    has only put it off.

    :raises kombu.exceptions.OperationalError: the broker is away; what was claimed is due again in 2 s.
    """
    return sum(_send_pack(destination, at=at, limit=limit) for destination in SERVICES)


def _send_pack(destination: str, *, at: datetime, limit: int) -> int:
    with transaction.atomic():
        claimed = sorted(rows(_CLAIM, {"destination": destination, "at": at, "limit": limit}))
    if not claimed:
        return 0
    try:
        send(destination, "inbox", "messages.receive", {"envelopes": _envelopes(claimed)})
    except OperationalError:
        ids = [row[0] for row in claimed]
        execute("UPDATE outbox SET next_attempt_at = %s WHERE id = ANY(%s)", [at + BROKER_PAUSE, ids])
        raise
    return len(claimed)


def _envelopes(claimed: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
    return [
        Envelope(
            id=message_id,
            name=name,
            version=version,
            producer=settings.SERVICE,
            occurred_at=occurred_at,
            correlation_id=correlation_id,
            causation_id=causation_id,
            payload=payload,
        ).json()
        for _, message_id, name, version, occurred_at, correlation_id, causation_id, payload in map(_decoded, claimed)
    ]


def _decoded(row: tuple[Any, ...]) -> tuple[Any, ...]:
    # Django keeps psycopg2 from decoding jsonb, so it arrives as text here.
    return (*row[:-1], json.loads(row[-1]) if isinstance(row[-1], str) else row[-1])


class Relay:
    """The loop of one relay process; any number may run beside each other."""

    def __init__(self) -> None:
        self._stopped = threading.Event()

    def stop(self, *_: Any) -> None:
        """Let the loop end after the pack in hand."""
        self._stopped.set()

    def run(self) -> None:
        """Send until stopped: at once when a commit notifies, at the latest after a second."""
        execute("LISTEN outbox")
        while not self._stopped.is_set():
            alive.beat()
            try:
                self._pump_then_wait()
            except OperationalError as error:
                log.warning("the broker is away: %s", error)
                self._stopped.wait(BROKER_PAUSE.total_seconds())

    def _pump_then_wait(self) -> None:
        if sent := relay_once(at=clock.now()):
            # Under load, let a pack fill: one task for each message costs more than the messages themselves.
            if sent < PACK:
                self._stopped.wait(LINGER_SECONDS)
            return
        with idle() as is_idle:
            # One more look: a writer that did not notify because we were busy has committed by now.
            if relay_once(at=clock.now()):
                return
            wait_for_notice(1.0 if is_idle else 0.02)


@contextmanager
def idle() -> Iterator[bool]:
    """Say to writers that this relay sleeps, so that their commit must wake it.

    Writers notify only then: NOTIFY serialises commits, which under load costs more than it brings.
    Yields False when a writer is in the middle of its transaction, or another relay sleeps already.
    """
    is_idle = bool(rows("SELECT pg_try_advisory_lock(%s)", [IDLE_LOCK])[0][0])
    try:
        yield is_idle
    finally:
        if is_idle:
            rows("SELECT pg_advisory_unlock(%s)", [IDLE_LOCK])


def wait_for_notice(seconds: float) -> None:
    """Wait until a commit notifies, or for so many seconds."""
    raw = connection.connection
    raw.poll()
    if not raw.notifies:
        select.select([raw], [], [], seconds)
        raw.poll()
    raw.notifies.clear()
