"""A statement as JSON."""

from typing import Any

from points.ledger.api.answers.balances import expiring_json
from points.ledger.history import AccountThen
from points.ledger.rules.values import Posted
from points.statements.queries.statements import Statement


def statement_json(found: Statement) -> dict[str, Any]:
    """Return a statement as it is answered."""
    changes = [line.change for line in found.lines]
    return {
        "member_id": found.member_id,
        "programme": found.programme.id,
        "programme_name": found.programme.name,
        "timezone": found.period.timezone,
        "from": found.period.first.isoformat(),
        "to": found.period.last.isoformat(),
        "as_of": found.as_of,
        "opening": _account_json(found.opening),
        "came": sum(change for change in changes if change > 0),
        "went": sum(change for change in changes if change < 0),
        "closing": _account_json(found.closing),
        "lines": [_line_json(found, line) for line in found.lines],
        "expiring": [expiring_json(end, found.period.timezone) for end in found.expiring],
    }


def _account_json(account: AccountThen) -> dict[str, int]:
    return {
        "balance": account.available,
        "held": account.held,
        "pending": account.pending,
        "deficit": account.deficit,
    }


def _line_json(found: Statement, line: Posted) -> dict[str, Any]:
    parts = [part._asdict() | {"came_from": cause._asdict() if cause else None} for part, cause in found.parts_of(line)]
    return {
        "transaction_id": line.id,
        "kind": line.kind,
        "reason": line.reason,
        "reference": line.reference,
        "occurred_at": line.occurred_at,
        "created_at": line.posted_at,
        "change": line.change,
        "balance": line.balance_after,
        "lots": parts,
    }
