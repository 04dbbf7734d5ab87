"""The moves of an import: made, validated, committed, cancelled; and what is kept of it, forgotten."""

from datetime import datetime, timedelta
from uuid import UUID

from points.imports import contents
from points.imports.errors import Incomplete, NotAsExpected, RowsRefused, WrongState
from points.imports.locks import lock_import
from points.imports.models import Import, ImportRun
from points.imports.rules.plan import Plan, as_json
from points.imports.rules.tallies import Tally
from shared.contracts.points import ImportRows
from shared.db import unit_of_work
from shared.lists import owned
from shared.messaging.outbox import tell

KEPT = timedelta(days=30)
FINISHED = ("done", "cancelled", "failed")


def start_import(*, programme_id: UUID, name: str, plan: Plan, created_by: UUID, at: datetime) -> Import:
    """Make an import, whose file is then uploaded."""
    return Import.objects.create(
        programme_id=programme_id, name=name, plan=as_json(plan), created_by=created_by, created_at=at
    )


def validate_import(import_id: UUID, *, size: int | None = None, at: datetime) -> Import:
    """Ask for a pass over the file that counts and judges its rows and moves nothing; asked for again, a new one.

    While it runs, asking again changes nothing.

    :raises ImportNotFound: there is no such import.
    :raises WrongState: it is being committed, or finished.
    :raises Incomplete: it has another size than the caller believes, or none at all.
    """
    with unit_of_work():
        found = lock_import(import_id)
        if found.state == "validating":
            return found
        if found.state not in ("uploading", "validated"):
            raise WrongState(state=found.state)
        if not found.bytes or size not in (None, found.bytes):
            raise Incomplete(received=found.bytes)
        contents.forget(import_id, *contents.NOTES, "points_import_run")
        found.state, found.judged_at, found.heading = "validating", at, None
        return begin(found, "validation", at=at)


def commit_import(
    import_id: UUID,
    *,
    rows: int | None = None,
    points: int | None = None,
    unknown_members: int | None = None,
    without_refused: bool = False,
    committed_by: UUID,
    at: datetime,
) -> Import:
    """Ask for a pass that posts the rows; the three counts are what the caller saw the validation accept.

    Where one is given, a rehearsal goes first: it judges the whole file anew, as of now, and nothing is posted
    where it comes to other totals than the validation. Each chunk is then posted as the rehearsal found it, or not at
    all, and none after it.

    :raises ImportNotFound: there is no such import.
    :raises WrongState: it is not validated.
    :raises NotAsExpected: the validation accepted other rows, they come to other points, or other many are of members
        who never registered.
    :raises RowsRefused: it refused some, and the caller does not say that they are to be left out.
    """
    with unit_of_work():
        found = lock_import(import_id)
        if found.state != "validated":
            raise WrongState(state=found.state)
        seen = Tally.of(ImportRun.objects.get(imported_id=import_id, kind="validation"))
        found_of = {"rows": seen.accepted, "points": seen.points, "unknown_members": seen.unknown_members}
        expected = {"rows": rows, "points": points, "unknown_members": unknown_members}
        if any(expected[name] not in (None, count) for name, count in found_of.items()):
            raise NotAsExpected(rows=seen.accepted, points=seen.points, unknown_members=seen.unknown_members)
        if seen.refused and not without_refused:
            raise RowsRefused(refused=seen.refused)
        found.state, found.committed_by = "committing", committed_by
        if not any(count is not None for count in expected.values()):
            return begin(found, "commit", at=at)
        contents.forget(import_id, *contents.NOTES)
        found.judged_at = at
        return begin(found, "rehearsal", at=at)


def cancel_import(import_id: UUID, *, at: datetime) -> Import:
    """End an import after the chunk in hand; what was posted stays. Cancelling again changes nothing.

    :raises ImportNotFound: there is no such import.
    :raises WrongState: it is done, or it failed.
    """
    with unit_of_work():
        found = lock_import(import_id)
        if found.state == "cancelled":
            return found
        if found.state in FINISHED:
            raise WrongState(state=found.state)
        found.state, found.finished_at = "cancelled", at
        found.save()
        contents.forget(import_id, *contents.MEMORIES, *contents.PROMISES)
        return found


def purge_imports(*, at: datetime) -> int:
    """Forget the files of imports that finished 30 days ago, and give up those begun then; return how many."""
    due = Import.objects.filter(finished_at__lt=at - KEPT, purged_at=None).values_list("id", flat=True)
    for state in ("uploading", "validated"):
        given_up = owned(Import.objects.filter(created_at__lt=at - KEPT), state=state).order_by("created_at")
        for import_id in given_up.values_list("id", flat=True):
            cancel_import(import_id, at=at)
    for import_id in due:
        with unit_of_work():
            contents.forget(import_id, *contents.NOTES, "points_import_piece")
            Import.objects.filter(id=import_id).update(purged_at=at)
    return len(due)


def begin(found: Import, kind: str, *, at: datetime) -> Import:
    """Ask for the first chunk of a pass over a locked import's file, and save it."""
    found.step += 1
    found.save()
    ImportRun.objects.create(imported_id=found.id, kind=kind, started_at=at)
    tell([ImportRows(import_id=found.id, step=found.step)], at=at)
    return found
