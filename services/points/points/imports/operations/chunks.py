"""A chunk of a file's rows: judged without effect by the validation and the rehearsal, posted by the commit.

Where totals are expected, a rehearsal goes over the whole file before anything is posted, and each chunk is posted as
it promised; where one comes to anything else, what was posted is reversed (`reversals`).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from points.imports import contents
from points.imports.errors import NotAsExpected, TooManyRefused, TooManyRows
from points.imports.models import Import, ImportRun
from points.imports.operations import notes, outcomes
from points.imports.operations.reading import WINDOW, read_chunk
from points.imports.rules.headings import heading_of
from points.imports.rules.plan import as_json, heading_from, plan_from
from points.imports.rules.records import Record
from points.imports.rules.rows import Layout
from points.imports.rules.tallies import Outcome, Tally, refusals_by_code, tally, together
from points.programmes.queries import programme

MOST_ROWS = 10_000_000
MOST_REFUSED = 100_000


class _Done(NamedTuple):
    """A chunk's rows with what became of each, where it begins and where the next one does."""

    start: int
    rows: Sequence[Record]
    outcomes: Sequence[Outcome]
    position: int


def do_chunk(found: Import, *, at: datetime) -> Iterator[bool]:
    """Do the next chunk of the pass that an import is in; as `Job.work`."""
    run = found.run
    first = run.rows + 1
    _read_heading(found, run)
    promise = notes.promised(run)
    done = _do_rows(found, run, at=at)
    _count(found, run, done, promise)
    goes_on = run.position < found.bytes
    yield goes_on
    notes.write_refusals(run, done.rows, done.outcomes, first=first)
    if promise is not None and goes_on:
        notes.posted(run, done.outcomes, start=done.start)
    run.save()


def _read_heading(found: Import, run: ImportRun) -> None:
    if found.heading is None:
        data = contents.read(found.id, 0, WINDOW)
        found.heading = as_json(heading_of(data, plan_from(found.plan), is_end=len(data) == found.bytes))
    run.position = run.position or heading_from(found.heading).position


def _do_rows(found: Import, run: ImportRun, *, at: datetime) -> _Done:
    layout = Layout(plan_from(found.plan), heading_from(found.heading))
    terms, since = programme(found.programme_id), found.judged_at or at
    chunk = read_chunk(found, layout, start=run.position, since=since)
    decide = outcomes.posted if run.kind == "commit" else outcomes.foreseen
    return _Done(run.position, chunk.rows, decide(found, run, chunk.commands, terms, at=at), chunk.position)


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
        raise not_as_seen(seen_of(found), Tally.of(run))
    if run.kind == "rehearsal":
        notes.promise(run, counts)
    for name, count in counts.items():
        setattr(run, name, getattr(run, name) + count)
    run.refused_by_code = together(run.refused_by_code, refusals_by_code(done.outcomes))
    run.position = done.position


def seen_of(found: Import) -> Tally:
    """Return what an import's validation saw."""
    return Tally.of(ImportRun.objects.get(imported_id=found.id, kind="validation"))


def not_as_seen(seen: Tally, posted: Tally) -> NotAsExpected:
    """Return why an import ends whose rows come to something else than was seen: no row of it stays posted."""
    return NotAsExpected(
        f"The validation saw {seen.accepted} rows of {seen.points} points, and from row {posted.rows + 1} of the file "
        "on they come to something else.",
        seen_rows=seen.accepted,
        seen_points=seen.points,
        differs_from_row=posted.rows + 1,
        posted_rows=0,
        posted_points=0,
    )
