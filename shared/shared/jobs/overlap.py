"""The overlap of chunks: a job's next chunk begins before its predecessor has committed.

It begins with the state that it would have read of the job. On a thread and a connection of its own it reads, locks its
accounts and decides while PostgreSQL writes for its predecessor. It neither writes nor locks the job before that has
committed, and a chunk enqueues the next when it has locked all that it needs but its job: so nobody waits in a ring.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar, copy_context
from typing import Any, Self

from django.db import DEFAULT_DB_ALIAS, connections

from shared.messaging.inbox import Delivery
from shared.postgres.base import Link


class StaleChunk(Exception):
    """The job is not, or not any more, where a chunk began: nothing of it is kept, and its message comes again."""


class Chunk:
    """A chunk in hand: its message and, where it overlaps, its predecessor and the state that it begins with."""

    def __init__(self, delivery: Delivery, state: Any = None, predecessor: "Chunk | None" = None) -> None:
        self.delivery, self.state, self.predecessor = delivery, state, predecessor
        self.committed: Future[bool] = Future()

    def wait_for_predecessor(self) -> None:
        """Return once the predecessor has committed.

        :raises StaleChunk: it was aborted.
        """
        if self.predecessor and not self.predecessor.committed.result():
            raise StaleChunk("the predecessor was aborted")

    def stop_if_aborted(self) -> None:
        """Raise where the predecessor was, without waiting: else each of a chain would begin the next before it knows.

        :raises StaleChunk: it was aborted.
        """
        if self.predecessor and self.predecessor.committed.done():
            self.wait_for_predecessor()

    def writes_in_order(self) -> AbstractContextManager[None]:
        """Let this thread's connection, which is in a transaction, start no write before the predecessor's commit."""
        link: Link = connections[DEFAULT_DB_ALIAS].connection
        return link.writes_after(self.wait_for_predecessor) if self.predecessor else nullcontext()


current: ContextVar[Chunk | None] = ContextVar("chunk", default=None)


def state() -> Any:
    """Return what the chunk in hand begins with; None where it overlaps none, and may read and lock as it likes."""
    chunk = current.get()
    return chunk and chunk.state


def wait_for_predecessor() -> None:
    """Return once the predecessor of the chunk in hand has committed.

    :raises StaleChunk: it was aborted.
    """
    if chunk := current.get():
        chunk.wait_for_predecessor()


class Overlap:
    """The threads of overlapping chunks, and their connections, which end with it."""

    def __init__(self, do: Callable[[Chunk], None]) -> None:
        self._do = do
        self.running: list[Future[None]] = []
        self._links: set[Any] = set()

    def __enter__(self) -> Self:
        # Two, because the predecessor is in its end, and neither waits for its successor.
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="chunk")
        return self

    def begin(self, chunk: Chunk) -> None:
        """Begin a chunk that has a predecessor in hand."""
        self.running.append(self._threads.submit(copy_context().run, self._begin, chunk))

    def _begin(self, chunk: Chunk) -> None:
        self._links.add(connections[DEFAULT_DB_ALIAS])
        self._do(chunk)

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(cancel_futures=True)
        for link in self._links:
            link.inc_thread_sharing()  # it was another thread's, which has ended
            link.close()
