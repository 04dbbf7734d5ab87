"""Makers of imports for tests."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from points.imports import operations, queries
from points.imports.models import Import, ImportRun
from points.imports.operations import reading
from points.imports.rules.plan import Plan
from points.programmes.queries import default_programme
from shared.contracts.points import ImportRows
from shared.messaging.models import PublishedMessage
from shared.testing.messages import deliver, envelope_of
from tests.factories import AT, make_programme

HEAD = "Card,Points\n"
OPERATOR = UUID("00000000-0000-7000-8000-000000000004")
LATER = AT + timedelta(seconds=3)
COLUMNS = {"member_id": "Card", "points": "Points"}


def make_plan(**changes: Any) -> Plan:
    """Make a plan of files with the columns Card and Points, all earned."""
    return Plan(**({"columns": COLUMNS, "constants": {"kind": "earn"}} | changes))


def make_import(content: str | bytes, *, piece: int = 2**20, **changes: Any) -> Import:
    """Make an import and upload its file in pieces."""
    made = operations.start_import(
        programme_id=default_programme().id, name="till.csv", plan=make_plan(**changes), created_by=OPERATOR, at=AT
    )
    data = content.encode() if isinstance(content, str) else content
    for offset in range(0, len(data), piece):
        operations.add_piece(made.id, offset=offset, content=data[offset : offset + piece])
    return made


def work() -> int:
    """Deliver what imports ask of themselves until nothing is asked any more; return how many chunks were done."""
    seen: set[UUID] = set()
    while fresh := [row for row in PublishedMessage.objects.filter(name="import_rows") if row.message_id not in seen]:
        for row in fresh:
            seen.add(row.message_id)
            receipt = deliver(envelope_of(ImportRows.read(row.payload), message_id=row.message_id))
            assert receipt.done, receipt
    return len(seen)


def validated(content: str | bytes, **changes: Any) -> ImportRun:
    """Make an import, validate it, and return what that counted."""
    made = make_import(content, **changes)
    operations.validate_import(made.id, at=AT)
    work()
    return ImportRun.objects.get(imported_id=made.id, kind="validation")


def committed(content: str | bytes, **changes: Any) -> ImportRun:
    """Make an import, validate it, post what can be posted, and return what that counted."""
    import_id = validated(content, **changes).imported_id
    operations.commit_import(import_id, without_refused=True, committed_by=OPERATOR, at=AT)
    work()
    return ImportRun.objects.get(imported_id=import_id, kind="commit")


@pytest.fixture(autouse=True)
def programme() -> Any:
    """Have a programme."""
    return make_programme()


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a chunk have three rows."""
    monkeypatch.setattr(reading, "CHUNK", 3)


def state_of(run: ImportRun) -> tuple[int, int, int, int]:
    """Return how many rows a pass read, accepted, knew and refused."""
    return run.rows, run.accepted, run.known, run.refused


def codes(import_id: Any) -> list[tuple[int, str]]:
    """Return the refused rows with their codes."""
    return [(one.row, one.code) for one in queries.refusals_of(import_id)]


def validate(import_id: Any) -> Any:
    """Ask for the validation of an import."""
    return operations.validate_import(import_id, at=LATER)
