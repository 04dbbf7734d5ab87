"""The moves of an import: made, validated, committed; and what is kept of it, purged."""

from datetime import datetime, timedelta
from uuid import UUID

from points.imports import contents
from points.imports.errors import Incomplete, NotAsExpected, RowsRefused, WrongState
from points.imports.models import Import
from points.imports.operations.chunks import seen_of
from points.imports.operations.job import IMPORTS
from points.imports.rules.plan import Plan, as_json
from points.imports.rules.tallies import Tally
from points.ledger.operations import check_alone
from points.ledger.rules.earnings import limit_of
from points.programmes.queries import programme
from shared.db import unit_of_work
from shared.lists import owned

KEPT = timedelta(days=30)


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
        found = IMPORTS.lock(import_id)
        if found.state == "validating":
            return found
        if found.state not in ("uploading", "validated"):
            raise WrongState(state=found.state)
        if not found.bytes or size not in (None, found.bytes):
            raise Incomplete(received=found.bytes)
        contents.delete(import_id, *contents.NOTES, "points_import_run")
        found.state, found.judged_at, found.heading = "validating", at, None
        return IMPORTS.begin_pass(found, "validation", at=at)


def commit_import(
    import_id: UUID,
    *,
    rows: int | None = None,
    points: int | None = None,
    unknown_members: int | None = None,
    without_refused: bool = False,
    committed_by: UUID,
    is_person: bool = False,
    at: datetime,
) -> Import:
    """Ask for a pass that posts the rows; the three counts are what the caller saw the validation accept.

    Where one is given, a rehearsal goes first: it judges the whole file anew, as of now, and nothing is posted
    where it comes to other totals than the validation. Each chunk is then posted as the rehearsal found it; where one
    comes to anything else, those before it are reversed.

    :raises ImportNotFound: there is no such import.
    :raises WrongState: it is not validated.
    :raises NotAsExpected: the validation accepted other rows, they come to other points, or other many are of members
        who never registered.
    :raises RowsRefused: it refused some, and the caller does not say that they are to be left out.
    :raises ApprovalNeeded: a person commits what the same person uploaded, or a program what another uploaded, and the
        uploader's day would come to more than the programme's limit; another person may commit it.
    """
    with unit_of_work():
        found = IMPORTS.lock(import_id)
        if found.state != "validated":
            raise WrongState(state=found.state)
        seen = seen_of(found)
        found_of = {"rows": seen.accepted, "points": seen.points, "unknown_members": seen.unknown_members}
        expected = {"rows": rows, "points": points, "unknown_members": unknown_members}
        if any(expected[name] not in (None, count) for name, count in found_of.items()):
            raise NotAsExpected(rows=seen.accepted, points=seen.points, unknown_members=seen.unknown_members)
        if seen.refused and not without_refused:
            raise RowsRefused(refused=seen.refused)
        # A person's own, or another's that a program commits: nobody else looked at it. A program's own has no day.
        is_alone = is_person is (committed_by == found.created_by) and _counts_alone(found, seen, at=at)
        found.state, found.committed_by = "committing", committed_by
        # What was counted to a person's day is what is posted, so it is rehearsed.
        if not is_alone and not any(count is not None for count in expected.values()):
            return IMPORTS.begin_pass(found, "commit", at=at)
        contents.delete(import_id, *contents.NOTES)
        found.judged_at = at
        return IMPORTS.begin_pass(found, "rehearsal", at=at)


def _counts_alone(found: Import, seen: Tally, *, at: datetime) -> bool:
    """Count an import that nobody else looked at to its maker's day; False where the programme has no limit."""
    terms = programme(found.programme_id)
    if limit_of(terms, found.created_by) is None:
        return False
    points = seen.earned + seen.added + seen.deducted
    check_alone(terms, points, actor_id=found.created_by, is_person=True, at=at)
    return True


def purge_imports(*, at: datetime) -> int:
    """Purge the files of imports that finished 30 days ago, and give up those begun then; return how many."""
    due = Import.objects.filter(finished_at__lt=at - KEPT, purged_at=None).values_list("id", flat=True)
    for state in ("uploading", "validated"):
        given_up = owned(Import.objects.filter(created_at__lt=at - KEPT), state=state).order_by("created_at")
        for import_id in given_up.values_list("id", flat=True):
            IMPORTS.cancel(import_id, at=at)
    for import_id in due:
        with unit_of_work():
            contents.delete(import_id, *contents.NOTES, "points_import_piece")
            Import.objects.filter(id=import_id).update(purged_at=at)
    return len(due)
