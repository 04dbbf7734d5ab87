"""Imports that meet a conflict while they are posted."""

from typing import Any
from uuid import UUID

import pytest

from points.imports.models import ImportChunk, ImportRun
from points.imports.operations import reading
from points.ledger.models import Account, Lot
from points.ledger.rules.values import BUCKETS
from tests.factories import AT, make_programme
from tests.operations.test_import_promises import HEAD, commit, row, seen, work_at

_UNTOLD = """
SELECT a.member_id, a.available + a.held - coalesce(sum((m.payload->>'change')::bigint), 0) FROM account a
LEFT JOIN published_message m ON starts_with(m.name, 'points_') AND m.payload->>'member_id' = a.member_id::text
GROUP BY a.id HAVING a.available + a.held <> coalesce(sum((m.payload->>'change')::bigint), 0)
"""


@pytest.fixture(autouse=True)
def programme() -> Any:
    """Have a programme whose points end."""
    return make_programme(lot_days=180)


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a chunk have two rows."""
    monkeypatch.setattr(reading, "CHUNK", 2)


def ledger_now() -> dict[Any, Any]:
    """Return what every account has, in each bucket, and what is left of each lot."""
    accounts = {one.member_id: tuple(getattr(one, name) for name in BUCKETS) for one in Account.objects.all()}
    lots = dict(Lot.objects.filter(remaining__gt=0).values_list("id", "remaining"))
    return {who: has for who, has in accounts.items() if any(has)} | lots


def rehearsed(content: str, *, at: Any = AT, **how: Any) -> UUID:
    """Ask for a commit of what a validation saw, and rehearse it: what follows is posted."""
    import_id = commit(seen(content, at=at, **how), at=at)
    while not is_committing(import_id):
        work_at(import_id, at, chunks=1)
    return import_id


def is_committing(import_id: UUID) -> bool:
    """Return whether an import has begun to post."""
    return ImportRun.objects.filter(imported_id=import_id, kind="commit").exists()


def conflict_in(import_id: UUID, chunk: int) -> bool:
    """Let a chunk, counted from zero, come to something else than was rehearsed; False where there is none such."""
    found = list(ImportChunk.objects.filter(imported_id=import_id).order_by("start"))
    if chunk >= len(found):
        return False
    totals = found[chunk].totals
    ImportChunk.objects.filter(imported_id=import_id, start=found[chunk].start).update(
        totals=totals | {"rows": totals["rows"] + 1}
    )
    return True


def file_of(other: Any, member: Any) -> str:
    """Return a file of six rows: the last one spends 50 points of the member."""
    lines = [row(other.id, "earn", 1), row(other.id, "earn", 2), row(other.id, "earn", 4), row(other.id, "redeem", 3)]
    return HEAD + "".join([*lines, row(other.id, "earn", 8), row(member.id, "redeem", 50)])
