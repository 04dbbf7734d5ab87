"""The work on a file's rows: one chunk for each message, which asks for the next.

A chunk's postings, the progress and the wish for the next chunk commit together. Killed anywhere, the message comes
again and the import goes on where it was; a message that comes twice finds its chunk done. Where totals are expected, a
rehearsal goes over the whole file before anything is posted, and each chunk is posted as it promised, or not at all.

Of the pass that posts, the next chunk may begin while this one is being written (shared.messaging.steps): it learns
where from, and sees at its end whether the import still is where it was told.
"""

from collections.abc import Sequence
from copy import copy
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from points.imports import contents
from points.imports.errors import (
    ColumnMissing,
    FileUnreadable,
    ImportNotFound,
    NotAsExpected,
    TooManyRefused,
    TooManyRows,
)
from points.imports.locks import lock_import, run_of
from points.imports.models import Import, ImportRun
from points.imports.operations import notes, outcomes
from points.imports.operations.moves import begin
from points.imports.operations.reading import WINDOW, read_chunk
from points.imports.rules.headings import heading_of
from points.imports.rules.plan import as_json, heading_from, plan_from
from points.imports.rules.records import Record
from points.imports.rules.rows import Layout
from points.imports.rules.tallies import Outcome, Tally, refusals_by_code, tally, together
from points.programmes.queries import programme
from shared.clock import Stopwatch
from shared.contracts.points import ImportRows
from shared.db import unit_of_work
from shared.errors import DomainError
from shared.messaging import steps

MOST_ROWS = 10_000_000
MOST_REFUSED = 100_000
_HOPELESS = (FileUnreadable, ColumnMissing, TooManyRows, TooManyRefused, NotAsExpected)


class _Done(NamedTuple):
    """A chunk's rows with what became of each, and where the next chunk begins."""

    rows: Sequence[Record]
    outcomes: Sequence[Outcome]
    position: int


def work_on(import_id: UUID, *, step: int, at: datetime) -> None:
    """Do an import's next chunk and ask for the one after it; a chunk that was done is left alone."""
    stopwatch = Stopwatch(at)
    with unit_of_work():
        if (job := steps.known() or _job(import_id, step)) is None:
            return
        found, run = job
        first, is_first = run.rows + 1, run.position == 0
        # Never released: that would wait for what is being written.
        undo = transaction.savepoint()
        try:
            _read_heading(found, run)
            promise = notes.promised(run)
            done = _do_chunk(found, run, at=at)
            _count(found, run, done, promise)
        except _HOPELESS as refusal:
            transaction.savepoint_rollback(undo)
            _take_turn(found, step)
            _fail(found, refusal, at=at)
            return
        if run.position < found.bytes:
            early = (copy(found), copy(run)) if run.kind == "commit" else None
            steps.ask_for_next(ImportRows(import_id=found.id, step=found.step), at=at, knowing=early)
        _take_turn(found, step)
        notes.write_refusals(run, done.rows, done.outcomes, first=first)
        run.started_at = at if is_first else run.started_at
        if run.position == found.bytes:
            _finish(found, run, at=stopwatch.now())
        run.save()
        found.save()


def _job(import_id: UUID, step: int) -> tuple[Import, ImportRun] | None:
    """Lock an import and return it with the pass that it is in; None where this step is none of its."""
    try:
        found = lock_import(import_id)
    except ImportNotFound:
        return None
    is_next = found.step == step and found.state in ("validating", "committing")
    return (found, run_of(found)) if is_next else None


def _take_turn(found: Import, step: int) -> None:
    """Wait for the chunk before, where this one began before that had committed, and lock the import.

    :raises NotInTurn: it did not commit, or the import was cancelled meanwhile.
    """
    if steps.known():
        steps.wait_for_the_one_before()
        if _job(found.id, step) is None:
            raise steps.NotInTurn("the import is not where it was told")


def _read_heading(found: Import, run: ImportRun) -> None:
    if found.heading is None:
        data = contents.read(found.id, 0, WINDOW)
        found.heading = as_json(heading_of(data, plan_from(found.plan), is_end=len(data) == found.bytes))
    run.position = run.position or heading_from(found.heading).position


def _do_chunk(found: Import, run: ImportRun, *, at: datetime) -> _Done:
    layout = Layout(plan_from(found.plan), heading_from(found.heading))
    terms, since = programme(found.programme_id), found.judged_at or at
    chunk = read_chunk(found, layout, start=run.position, since=since)
    decide = outcomes.posted if run.kind == "commit" else outcomes.foreseen
    return _Done(chunk.rows, decide(found, run, chunk.wishes, terms, at=at), chunk.position)


def _count(found: Import, run: ImportRun, done: _Done, promise: Tally | None) -> None:
    """Move on to where the next chunk begins, with what became of this one's rows.

    :raises TooManyRows: more than one file may have.
    :raises TooManyRefused: so many refusals that the file is another one than was meant.
    :raises NotAsExpected: a chunk comes to something else than was promised.
    """
    counts = tally(done.outcomes)
    if run.rows + counts.rows > MOST_ROWS:
        raise TooManyRows(limit=MOST_ROWS)
    if run.kind == "validation" and run.refused + counts.refused > MOST_REFUSED:
        raise TooManyRefused(limit=MOST_REFUSED)
    if promise is not None and not promise.moves_as(counts):
        raise _changed(_seen(found), Tally.of(run))
    if run.kind == "rehearsal":
        notes.promise(run, counts)
    for name, count in counts.items():
        setattr(run, name, getattr(run, name) + count)
    run.refused_by_code = together(run.refused_by_code, refusals_by_code(done.outcomes))
    run.position = done.position
    found.step += 1


def _finish(found: Import, run: ImportRun, *, at: datetime) -> None:
    run.finished_at = at
    if run.kind == "commit":
        found.state, found.finished_at = "done", at
        contents.forget(found.id, *contents.PROMISES)
        return
    run.members = notes.close(found.id)
    if run.kind == "validation":
        found.state = "validated"
    elif Tally.of(run).moves_as(seen := _seen(found)):
        begin(found, "commit", at=at)
    else:
        _fail(found, _changed(seen, Tally()), at=at)


def _seen(found: Import) -> Tally:
    return Tally.of(ImportRun.objects.get(imported_id=found.id, kind="validation"))


def _changed(seen: Tally, posted: Tally) -> NotAsExpected:
    """Return why an import ends whose rows come to something else than was seen, with what of it was posted."""
    return NotAsExpected(
        f"The validation saw {seen.accepted} rows of {seen.points} points. Of these {posted.accepted} rows of "
        f"{posted.points} points were posted, and nothing from row {posted.rows + 1} of the file on.",
        seen_rows=seen.accepted,
        seen_points=seen.points,
        posted_rows=posted.accepted,
        posted_points=posted.points,
        not_posted_from_row=posted.rows + 1,
    )


def _fail(found: Import, refusal: DomainError, *, at: datetime) -> None:
    told = {"code": refusal.code, "title": refusal.title, **refusal.members}
    found.error = told | ({"detail": refusal.detail} if refusal.detail else {})
    found.state, found.finished_at = "failed", at
    found.save()
    contents.forget(found.id, *contents.MEMORIES, *contents.PROMISES)
