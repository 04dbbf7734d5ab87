"""The reversal of what an import posted of expected totals: the last chunk first."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from points.imports.models import Import, ImportPosting, ImportRun
from points.imports.operations import notes
from points.imports.rules.tallies import refusals_by_code, reversals, together
from points.ledger.errors import NotReversible
from points.ledger.operations import Outcome, undo_transactions
from points.ledger.queries import with_details
from points.ledger.rules.values import Posted
from shared.errors import DomainError

_MOST_NAMED = 20
# All may be one member's: each reversal looks at the lots of all those that are undone together with it.
PIECE = 250


def reverse_chunk(found: Import, *, at: datetime) -> Iterator[bool]:
    """Reverse the last chunk of an import that is posted; as `Job.work`."""
    run = found.run
    postings = ImportPosting.objects.filter(imported_id=found.id).order_by("-start")
    last, *before = postings[:2]
    # The newest first, so that what a row spent is back before another row's points are taken away.
    ids = last.transaction_ids[::-1]
    assert found.committed_by
    reason = f"import {found.id} reversed"
    outcomes: list[Outcome] = []
    for first in range(0, len(ids), PIECE):
        piece = ids[first : first + PIECE]
        outcomes += undo_transactions(found.programme_id, piece, reason=reason, actor_id=found.committed_by, at=at)
    _count(found, run, ids, outcomes)
    run.position = ImportRun.objects.get(imported_id=found.id, kind="commit").position - last.start
    run.save()
    postings.filter(start=last.start).delete()
    yield bool(before)


def _count(found: Import, run: ImportRun, ids: Sequence[UUID], outcomes: Sequence[Outcome]) -> None:
    """Count what was reversed, let those rows be new again, and say which stay posted."""
    for name, count in reversals(outcomes).items():
        setattr(run, name, getattr(run, name) + count)
    stay = {key: one for key, one in zip(ids, outcomes, strict=True) if not _counts_no_more(one)}
    notes.reversed_rows(found.programme_id, [key for key in ids if key not in stay])
    refused = [one for one in stay.values() if isinstance(one, DomainError)]
    run.refused_by_code = together(run.refused_by_code, refusals_by_code(refused))
    if stay and found.error:
        points = sum(fact.change for fact in with_details(list(stay)))
        found.error["posted_rows"] += len(stay)
        found.error["posted_points"] += points
        named = [*found.error.get("not_reversed", []), *map(str, stay)]
        found.error["not_reversed"] = named[:_MOST_NAMED]


def _counts_no_more(outcome: Outcome) -> bool:
    """Tell whether a posting is undone: by this reversal, by one before it, or as its points never came."""
    return isinstance(outcome, Posted | NotReversible)
