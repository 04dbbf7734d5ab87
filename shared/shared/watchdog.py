"""A worker that is connected and takes nothing is noticed, and ends itself so that it is started again.

After a restart of the broker a worker may sit there idle (celery #8030, #8091, #10205). Each worker therefore has a
queue of its own, to which a thread of its main process sends a ping every few seconds; the task, carried out by a
child, touches ALIVE_FILE. That tests the whole way, and the health check looks at the same file.
"""

import logging
import os
import signal
import threading
import time
from typing import Any

from celery.worker import state
from kombu.exceptions import OperationalError

from shared import alive
from shared.env import env_int

log = logging.getLogger(__name__)

PING_SECONDS = 5.0
# As long as tasks are being carried out, only their time limit (120 s) ends them; after this even they are no excuse.
BUSY_FACTOR = 4
LAST_WORDS_SECONDS = 20.0


def queue_of(hostname: str) -> str:
    """Return the name of a worker's own queue."""
    return f"ping.{hostname}"


class Watchdog(threading.Thread):
    """Asks one worker again and again; ends the process when no ping was answered for WORKER_HANG_SECONDS.

    Only pings that reached the broker count: while it is away, nobody is to blame. Needs ALIVE_FILE.
    """

    def __init__(self, app: Any, hostname: str) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._app, self._queue = app, queue_of(hostname)
        self._patience = env_int("WORKER_HANG_SECONDS", 60, at_least=2, at_most=3600)
        self._unanswered_since: float | None = None

    def run(self) -> None:
        """Ask until the process ends."""
        while not self._hangs():
            self._ask()
            time.sleep(min(PING_SECONDS, self._patience / 3))
        log.critical("this worker took no task for %d s though the broker answers; it is ended", self._patience)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(LAST_WORDS_SECONDS)
        os._exit(1)

    def _ask(self) -> None:
        asked_at = time.time()
        try:
            self._app.send_task("housekeeping.ping", queue=self._queue, retry=False, expires=self._patience)
        except OperationalError as error:
            log.warning("the broker is away: %s", error)
            self._unanswered_since = None
            return
        if self._unanswered_since is None:
            self._unanswered_since = asked_at

    def _hangs(self) -> bool:
        if self._unanswered_since is None:
            return False
        if alive.last_beat() >= self._unanswered_since:
            self._unanswered_since = None
            return False
        silent = time.time() - self._unanswered_since
        return silent > self._patience * (BUSY_FACTOR if state.active_requests else 1)
