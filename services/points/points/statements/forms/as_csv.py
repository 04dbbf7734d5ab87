"""A statement as rows of a CSV file."""

from collections.abc import Iterator, Sequence
from typing import Any

from points.ledger.rules.values import Posted
from points.programmes.rules.expiry import day_told
from points.statements.queries.statements import Statement
from shared.zones import ZoneInfo

COLUMNS = ("row", "at", "day", "kind", "reason", "reference", "change", "balance", "expires_at", "lots", "id")


def statement_rows(found: Statement) -> list[Sequence[Any]]:
    """Return the columns, the opening balance, each transaction, the closing balance, and what ends when."""
    return [COLUMNS, *([row.get(name) for name in COLUMNS] for row in _rows(found))]


def _rows(found: Statement) -> Iterator[dict[str, Any]]:
    yield {"row": "opening", "day": found.period.first, "balance": found.opening.available}
    yield from (_line(found, line) for line in found.lines)
    yield {"row": "closing", "day": found.period.last, "balance": found.closing.available}
    for end in found.expiring:
        yield {
            "row": "expires",
            "day": day_told(end.expires_at, end.expires_on, found.period.timezone),
            "change": -end.points,
            "expires_at": end.expires_at,
        }


def _line(found: Statement, line: Posted) -> dict[str, Any]:
    return {
        "row": "transaction",
        "at": line.posted_at,
        "day": line.posted_at.astimezone(ZoneInfo(found.period.timezone)).date(),
        "kind": line.kind,
        "reason": line.reason,
        "reference": line.reference,
        "change": line.change,
        "balance": line.balance_after,
        "lots": " ".join(f"{part.lot_id}:{part.points}" for part in line.lots),
        "id": line.id,
    }
