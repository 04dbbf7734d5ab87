"""The relay's loop: when to look, when to let a pack fill, when to sleep; `sending` says what is sent."""

import logging
import select
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from django.db import Error as DatabaseError
from django.db import connection
from kombu.exceptions import OperationalError as BrokerError

from shared import alive, clock
from shared.db import execute, rows
from shared.messaging.sending import PACK, Sent, send_due

log = logging.getLogger(__name__)

IDLE_LOCK = 49349  # the same number stands in migrations/0001_initial/outbox.sql
BROKER_PAUSE_SECONDS = 2.0
DATABASE_PAUSE_SECONDS = 1.0
# A consumer with as much waiting as it may have is looked at again this soon.
FULL_PAUSE_SECONDS = 0.1


class Pace:
    """How long to let the next pack fill: not at all when little is said, longer the more there is.

    A pack costs the same for one message as for fifty, on both sides of the broker.
    """

    STEPS = ((100, 0.3), (50, 0.2), (10, 0.05))

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._sent: deque[tuple[float, int]] = deque()

    def note(self, sent: int) -> None:
        """Remember how many messages went out just now."""
        self._sent.append((self._now(), sent))

    def linger(self) -> float:
        """Return the seconds to wait, from the messages of the last second."""
        while self._sent and self._sent[0][0] < self._now() - 1:
            self._sent.popleft()
        rate = sum(sent for _, sent in self._sent)
        return next((seconds for least, seconds in self.STEPS if rate >= least), 0.0)


class Relay:
    """The loop of one relay process; any number may run beside each other."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._pace = Pace()

    def stop(self, *_: Any) -> None:
        """Let the loop end after the pack in hand."""
        self._stopped.set()

    def run(self) -> None:
        """Send until stopped: at once when a commit notifies, at the latest after a second.

        A broker or a database that is away is waited for: nothing is lost meanwhile.
        """
        while not self._stopped.is_set():
            try:
                self._listen_and_send()
            except BrokerError as error:
                log.warning("the broker is away: %s", error)
                self._stopped.wait(BROKER_PAUSE_SECONDS)
            except DatabaseError as error:
                log.warning("the database is away: %s", error)
                connection.close()
                self._stopped.wait(DATABASE_PAUSE_SECONDS)

    def _listen_and_send(self) -> None:
        set_up_session()
        while not self._stopped.is_set():
            alive.beat()
            self._pump_then_wait()

    def _pump_then_wait(self) -> None:
        sent = send_due(at=clock.machine_now())
        if sent.messages:
            self._let_fill(sent)
            return
        if sent.is_blocked:
            self._stopped.wait(FULL_PAUSE_SECONDS)
            return
        with idle() as is_idle:
            # One more look: a writer that did not notify because we were busy has committed by now.
            sent = send_due(at=clock.machine_now())
            if not sent.messages:
                wait_for_notice(1.0 if is_idle else 0.02)
                return
        self._let_fill(sent)

    def _let_fill(self, sent: Sent) -> None:
        # Bulk packs are full or the last of their kind: only what comes one by one is worth waiting for.
        self._pace.note(sent.interactive)
        if sent.largest < PACK:
            self._stopped.wait(self._pace.linger())


def set_up_session() -> None:
    """Make the database session a relay's: woken by commits, quick to commit itself, never sorting all that is due."""
    execute("LISTEN outbox")
    # What a crash of the server takes back is only that something was sent: it is sent again and absorbed.
    execute("SET synchronous_commit = off")
    # All that is due may not be sorted for the sake of one pack: it comes in order, but for what is due at one instant.
    execute("SET enable_sort = off")


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
