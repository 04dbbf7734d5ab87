"""Imports as jobs: the work on their files, chunk by chunk, in one pass after the other (shared.jobs)."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from points.imports import contents
from points.imports.errors import (
    ColumnMissing,
    FileUnreadable,
    ImportNotFound,
    NotAsExpected,
    TooManyRefused,
    TooManyRows,
    WrongState,
)
from points.imports.models import Import, ImportPosting, ImportRun
from points.imports.operations import notes
from points.imports.operations.chunks import do_chunk, not_as_seen, seen_of
from points.imports.operations.reversals import reverse_chunk
from points.imports.rules.tallies import Tally
from shared.contracts.points import ImportRows
from shared.errors import DomainError
from shared.jobs.runner import Job
from shared.jobs.slices import enqueue_next


class _Imports(Job[Import]):
    """Imports; what was posted of one that is cancelled stays, but where totals were expected: then it is reversed."""

    open_states = ("validating", "committing", "reversing")
    cancellable = ("uploading", "validating", "validated", "committing")
    fails_by = (FileUnreadable, ColumnMissing, TooManyRows, TooManyRefused, NotAsExpected)
    not_found, has_ended = ImportNotFound, WrongState

    def locked(self, job_id: UUID) -> Import | None:
        return Import.objects.select_for_update(no_key=True).filter(id=job_id).first()

    def keep(self, row: Import) -> None:
        row.save()

    def message(self, row: Import) -> ImportRows:
        return ImportRows(import_id=row.id, step=row.chunk)

    def overlaps(self, row: Import) -> bool:
        return row.run.kind == "commit"

    def is_cancelled(self, row: Import) -> bool:
        return row.state == "cancelled" or (row.state == "reversing" and not row.error)

    def begin(self, row: Import, *, at: datetime) -> None:
        if not row.run.position:
            row.run.started_at = at

    def work(self, row: Import, *, at: datetime) -> Iterator[bool]:
        return reverse_chunk(row, at=at) if row.run.kind == "reversal" else do_chunk(row, at=at)

    def end(self, row: Import, state: str, *, refusal: DomainError | None = None, at: datetime) -> None:
        if state == "done":
            self._end_pass(row, row.run, at=at)
        else:
            self._give_up(row, refusal, at=at)

    def begin_pass(self, found: Import, kind: str, *, at: datetime) -> Import:
        """Ask for the first chunk of a pass over a locked import's file, and save it."""
        found.chunk += 1
        found.save()
        ImportRun.objects.create(imported_id=found.id, kind=kind, started_at=at)
        enqueue_next(self.message(found), at=at)
        return found

    def _end_pass(self, found: Import, run: ImportRun, *, at: datetime) -> None:
        run.finished_at = at
        if run.kind in ("validation", "rehearsal"):
            run.members = notes.close(found.id)
        run.save()
        if run.kind == "validation":
            found.state = "validated"
        elif run.kind == "commit":
            found.state, found.finished_at = "done", at
            contents.delete(found.id, *contents.PROMISES, *contents.POSTINGS)
        elif run.kind == "reversal":
            self._close(found, at=at)
        elif Tally.of(run).moves_as(seen := seen_of(found)):
            self.begin_pass(found, "commit", at=at)
        else:
            self._give_up(found, not_as_seen(seen, Tally()), at=at)

    def _give_up(self, found: Import, refusal: DomainError | None, *, at: datetime) -> None:
        """Let an import be failed for a reason or cancelled; first, what it posted of expected totals is reversed."""
        if refusal:
            reason = {"code": refusal.code, "title": refusal.title, **refusal.members}
            found.error = reason | ({"detail": refusal.detail} if refusal.detail else {})
        contents.delete(found.id, *contents.MEMORIES, *contents.PROMISES)
        if not ImportPosting.objects.filter(imported_id=found.id).exists():
            self._close(found, at=at)
            return
        ImportRun.objects.filter(imported_id=found.id, finished_at=None).update(finished_at=at)
        found.state = "reversing"
        self.begin_pass(found, "reversal", at=at)

    def _close(self, found: Import, *, at: datetime) -> None:
        found.state, found.finished_at = "failed" if found.error else "cancelled", at


IMPORTS = _Imports()
