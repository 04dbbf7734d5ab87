"""The one runner of long jobs.

What a chunk did, how far the job is, and the message that asks for the next chunk commit together. Killed anywhere, the
message comes again and the job goes on where it was; a message that comes twice is stale and leaves all alone.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from copy import deepcopy
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from django.db import models, transaction

from shared.clock import Stopwatch
from shared.contracts.base import JobStep
from shared.db import execute, unit_of_work
from shared.errors import DomainError
from shared.jobs import overlap
from shared.jobs.slices import enqueue_next

OPEN = ("queued", "running")
R = TypeVar("R", bound=models.Model)


class Job(ABC, Generic[R]):
    """What a kind of job declares: its row, how a chunk is done, and what ends it.

    The row has a `state` and a `chunk`, the number of the next one to be done; where the job's own methods do not say
    otherwise, also `error`, `started_at` and `finished_at`.
    """

    open_states: ClassVar[Collection[str]] = OPEN
    cancellable: ClassVar[Collection[str]] = OPEN
    # Raised by a chunk, these end the job as failed, and nothing of the chunk is kept.
    fails_by: ClassVar[tuple[type[DomainError], ...]] = (DomainError,)
    not_found: ClassVar[type[DomainError]]
    has_ended: ClassVar[type[DomainError]]

    @abstractmethod
    def locked(self, job_id: UUID) -> R | None:
        """Lock a job's row, which lets one chunk or move of it come after the other, and read it; None where there is
        none."""

    @abstractmethod
    def keep(self, row: R) -> None:
        """Save a row as it is now."""

    @abstractmethod
    def message(self, row: R) -> JobStep:
        """Return the message that asks for the next chunk."""

    @abstractmethod
    def work(self, row: R, *, at: datetime) -> Iterator[bool]:
        """Do the next chunk, and yield once: whether another follows.

        Before the yield all is read, locked and decided, and the row moved on; what an overlapping chunk writes before
        it is started, not executed. Behind the yield no row is locked, and what is written is executed.
        """

    def claim(self, *, waits: bool) -> bool:
        """Take what a chunk needs beside its row, or return False where it may not wait for that."""
        return True

    def overlaps(self, row: R) -> bool:
        """Tell whether the next chunk may begin before this one has committed."""
        return False

    def begin(self, row: Any, *, at: datetime) -> None:
        """Note that a chunk begins."""
        row.state, row.started_at = "running", row.started_at or at

    def end(self, row: Any, state: str, *, refusal: DomainError | None = None, at: datetime) -> None:
        """Note that the job is `done`, `cancelled`, or `failed` for a reason."""
        row.state, row.finished_at, row.error = state, at, refusal.code if refusal else row.error

    def is_cancelled(self, row: Any) -> bool:
        """Tell whether a job was cancelled before."""
        return bool(row.state == "cancelled")

    def lock(self, job_id: UUID) -> R:
        """Lock a job's row and read it.

        :raises DomainError: there is none (`not_found`).
        """
        if (row := self.locked(job_id)) is None:
            raise self.not_found()
        return row

    def cancel(self, job_id: UUID, *, at: datetime) -> R:
        """End a job after the chunk in hand; what was done stays. Cancelling again changes nothing.

        :raises DomainError: there is none (`not_found`), or it has ended otherwise (`has_ended`).
        """
        with unit_of_work():
            row: Any = (found := self.lock(job_id))
            if not self.is_cancelled(row):
                if row.state not in self.cancellable:
                    raise self.has_ended(state=row.state)
                self.end(row, "cancelled", at=at)
                self.keep(row)
            return found

    def run_chunk(self, job_id: UUID, *, chunk: int, at: datetime) -> None:
        """Do a job's next chunk and ask for the one after it; a stale chunk is left alone.

        :raises StaleChunk: the chunk overlaps its predecessor, and the job is not where that should have left it.
        """
        stopwatch = Stopwatch(at)
        with unit_of_work():
            row = overlap.state() or self._claimed(job_id, chunk, waits=True)
            if row is None:
                return
            self.begin(row, at=at)
            # Never released: that would wait for what is being written.
            undo, work = transaction.savepoint(), self.work(row, at=at)
            try:
                goes_on = next(work)
            except self.fails_by as refusal:
                transaction.savepoint_rollback(undo)
                self._take_over(job_id, chunk)
                self.end(row, "failed", refusal=refusal, at=stopwatch.now())
            else:
                self._move_on(row, goes_on=goes_on, at=at)
                self._take_over(job_id, chunk)
                next(work, None)
                if not goes_on:
                    execute("SELECT")  # behind all that is being written, which is part of the job's time
                    self.end(row, "done", at=stopwatch.now())
            self.keep(row)

    def _move_on(self, row: Any, *, goes_on: bool, at: datetime) -> None:
        row.chunk += 1
        if goes_on:
            state = deepcopy(row) if self.overlaps(row) else None
            enqueue_next(self.message(row), at=at, overlap_state=state)

    def _take_over(self, job_id: UUID, chunk: int) -> None:
        """Wait for the predecessor, where this chunk overlaps it, and lock the job."""
        if overlap.state():
            overlap.wait_for_predecessor()
            if self._claimed(job_id, chunk, waits=False) is None:
                raise overlap.StaleChunk("the job is not where its predecessor left it")

    def _claimed(self, job_id: UUID, chunk: int, *, waits: bool) -> Any:
        row: Any = self.locked(job_id)
        is_next = row is not None and row.chunk == chunk and row.state in self.open_states
        return row if is_next and self.claim(waits=waits) else None
