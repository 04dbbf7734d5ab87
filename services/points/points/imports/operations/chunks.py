"""The work on a file's rows: one chunk for each message, which asks for the next.

A chunk's postings, the progress and the wish for the next chunk commit together. Killed anywhere, the message comes
again and the import goes on where it was; a message that comes twice finds its chunk done.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from points.imports import contents
from points.imports.errors import ColumnMissing, FileUnreadable, ImportNotFound, TooManyRefused, TooManyRows
from points.imports.locks import lock_import, run_of
from points.imports.models import Import, ImportRun
from points.imports.operations import notes, outcomes
from points.imports.operations.reading import WINDOW, read_ahead, read_chunk
from points.imports.rules.headings import heading_of
from points.imports.rules.plan import as_json, heading_from, plan_from
from points.imports.rules.records import Record
from points.imports.rules.rows import Layout
from points.imports.rules.tallies import Outcome, Tally, tally
from points.programmes.queries import programme
from shared.contracts.points import ImportRows
from shared.db import unit_of_work
from shared.errors import DomainError
from shared.messaging.steps import ask_for_next, is_mine_to_go_on

MOST_ROWS = 10_000_000
MOST_REFUSED = 100_000
_HOPELESS = (FileUnreadable, ColumnMissing, TooManyRows, TooManyRefused)


class _Done(NamedTuple):
    """A chunk's rows with what became of each, and where the next chunk begins."""

    rows: Sequence[Record]
    outcomes: Sequence[Outcome]
    position: int


def work_on(import_id: UUID, *, step: int, at: datetime) -> None:
    """Do an import's next chunk and ask for the one after it; a chunk that was done is left alone."""
    with unit_of_work():
        try:
            found = lock_import(import_id)
        except ImportNotFound:
            return
        if found.step != step or found.state not in ("validating", "committing"):
            return
        run = run_of(found)
        try:
            _read_heading(found, run)
            done = _do_chunk(found, run, at=at)
            counted = tally(done.outcomes)
            _refuse_hopeless(run, counted)
        except _HOPELESS as refusal:
            _fail(found, refusal, at=at)
            return
        notes.write_refusals(run, done.rows, done.outcomes)
        _advance(found, run, counted, done.position, at=at)


def _read_heading(found: Import, run: ImportRun) -> None:
    if found.heading is None:
        data = contents.read(found.id, 0, WINDOW)
        found.heading = as_json(heading_of(data, plan_from(found.plan), is_end=len(data) == found.bytes))
    run.position = run.position or heading_from(found.heading).position


def _do_chunk(found: Import, run: ImportRun, *, at: datetime) -> _Done:
    layout = Layout(plan_from(found.plan), heading_from(found.heading))
    terms, since = programme(found.programme_id), found.judged_at or at
    chunk = read_chunk(found, layout, start=run.position, since=since)
    decide = outcomes.foreseen if run.kind == "validation" else outcomes.posted
    done = _Done(chunk.rows, decide(found, run, chunk.wishes, terms, at=at), chunk.position)
    if run.kind == "commit" and is_mine_to_go_on():
        # While PostgreSQL still writes.
        read_ahead(found, layout, start=done.position, since=since)
    return done


def _refuse_hopeless(run: ImportRun, counted: Tally) -> None:
    if run.rows + counted.rows > MOST_ROWS:
        raise TooManyRows(limit=MOST_ROWS)
    if run.kind == "validation" and run.refused + counted.refused > MOST_REFUSED:
        raise TooManyRefused(limit=MOST_REFUSED)


def _advance(found: Import, run: ImportRun, counted: Tally, position: int, *, at: datetime) -> None:
    for name, count in counted.items():
        setattr(run, name, getattr(run, name) + count)
    run.position = position
    found.step += 1
    if position < found.bytes:
        ask_for_next(ImportRows(import_id=found.id, step=found.step), at=at)
    else:
        _finish(found, run, at=at)
    run.save()
    found.save()


def _finish(found: Import, run: ImportRun, *, at: datetime) -> None:
    run.finished_at = at
    if run.kind == "validation":
        found.state = "validated"
        run.members = notes.close(found.id)
    else:
        found.state, found.finished_at = "done", at


def _fail(found: Import, refusal: DomainError, *, at: datetime) -> None:
    told = {"code": refusal.code, "title": refusal.title, **refusal.members}
    found.error = told | ({"detail": refusal.detail} if refusal.detail else {})
    found.state, found.finished_at = "failed", at
    found.save()
    notes.close(found.id)
