"""Time slices: the process that did a chunk of a job does the next as well, while nothing stands against it.

Each chunk asks for the next by a message of the service to itself, so that a job goes on whoever dies. But the way over
the broker takes as long as some chunks do, and ends in any process. So the message is due only a while later, and the
process that wrote it acts on it at once, as if it had arrived: the inbox remembers it in the transaction of its effect,
which also takes it out of the outbox. If it never comes to that, the relay brings it; if both do, it has its effect
once.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from time import monotonic
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from shared import clock, context
from shared.contracts.base import Envelope, JobStep
from shared.db import execute
from shared.jobs.overlap import Chunk, Overlap, StaleChunk, current
from shared.messaging.inbox import Delivery, Handlers, act
from shared.messaging.outbox import publish
from shared.messaging.sending import LATE

log = logging.getLogger(__name__)

# So long a process goes on before other messages have their turn.
SECONDS = 10.0
_THIS = "message_id = %s AND destination = %s"


class TimeSlice:
    """What one process goes on with, and until when."""

    def __init__(self) -> None:
        self.ends = monotonic() + SECONDS
        self.queue: list[Chunk] = []
        self._overlap: Overlap | None = None

    def run(self, by: Handlers) -> None:
        """Do the chunks that were enqueued, and those that they enqueue, until there is none or the slice is over."""
        with Overlap(lambda chunk: _do(chunk, by)) as self._overlap:
            while self.queue or self._overlap.running:
                if self.queue:
                    _do(self.queue.pop(0), by)
                else:
                    self._overlap.running.pop(0).result()

    def begin(self, chunk: Chunk) -> bool:
        """Begin a chunk while its predecessor has not committed; False where that is none of this slice's."""
        if self._overlap is None or chunk.predecessor is None:
            return False
        chunk.predecessor.stop_if_aborted()
        self._overlap.begin(chunk)
        return True


_slice: ContextVar[TimeSlice | None] = ContextVar("time_slice", default=None)


@contextmanager
def time_slice() -> Iterator[TimeSlice]:
    """Let what is enqueued inside be done by the slice's `run`."""
    token = _slice.set(mine := TimeSlice())
    try:
        yield mine
    finally:
        _slice.reset(token)


def enqueue_next(message: JobStep, *, at: datetime, overlap_state: Any = None) -> None:
    """Ask this service itself for a job's next chunk, in the transaction of the one before or of the job's beginning.

    With an `overlap_state`, what the next chunk would read of the job had this transaction committed, it may begin at
    once. Then all that is left to do is to write, and no row may be locked any more but the job's own.

    :raises OutsideTransaction: no transaction is open.
    :raises StaleChunk: this chunk's predecessor was aborted.
    """
    mine = _slice.get()
    if mine is None or monotonic() >= mine.ends:
        publish([message], at=at)
        return
    [message_id] = publish([message], at=at, due_at=clock.machine_now() + LATE)
    delivery = Delivery(_envelope(message, message_id, at), message)
    if overlap_state is None or not mine.begin(Chunk(delivery, overlap_state, current.get())):
        transaction.on_commit(lambda: mine.queue.append(Chunk(delivery)))


def _envelope(message: JobStep, message_id: UUID, at: datetime) -> Envelope:
    return Envelope(
        id=message_id,
        name=message.NAME,
        version=message.VERSION,
        producer=settings.SERVICE,
        occurred_at=at,
        correlation_id=context.correlation_id.get() or str(message_id),
        causation_id=context.causation_id.get(),
        payload={},
    )


def _do(chunk: Chunk, by: Handlers) -> None:
    token, this = current.set(chunk), [chunk.delivery.id, settings.SERVICE]
    try:
        chunk.stop_if_aborted()
        with transaction.atomic(), chunk.writes_in_order():
            act([chunk.delivery], by)
            chunk.wait_for_predecessor()
            execute(f"DELETE FROM outbox WHERE {_THIS}", this)
        chunk.committed.set_result(True)
    except Exception as error:
        # It comes by the relay then, and failures are counted there.
        is_defect = not isinstance(error, StaleChunk)
        level, name = logging.ERROR if is_defect else logging.INFO, chunk.delivery.envelope.name
        log.log(level, "the chunk %s %s comes again: %r", name, chunk.delivery.id, error, exc_info=is_defect)
        execute(f"UPDATE outbox SET next_attempt_at = %s WHERE {_THIS}", [clock.machine_now(), *this])
    finally:
        current.reset(token)
        if not chunk.committed.done():
            chunk.committed.set_result(False)
