"""Rows of a file of which tests of imports are made."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from points.imports.rules.plan import Heading, Plan
from points.imports.rules.rows import Command, Layout, command_of

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
MEMBER = UUID("00000000-0000-7000-8000-000000000001")
COLUMNS = {
    "member_id": "Card",
    "points": "Points",
    "amount": "Total",
    "kind": "Type",
    "reference": "Receipt",
    "reason": "Note",
    "occurred_at": "Sold",
    "expires_at": "Ends",
}
ROW = {"Card": str(MEMBER), "Points": "10", "Type": "sale"}


def command(row: dict[str, str], **changes: Any) -> Command:
    """Return the command of a row: a sale, where nothing else is said."""
    plan = Plan(**{"columns": COLUMNS, "kinds": {"sale": "earn", "spent": "redeem"}, "timezone": "UTC"} | changes)
    names = [*COLUMNS.values(), "Shop"]
    layout = Layout(plan, Heading(columns=tuple(name.casefold() for name in names)))
    return command_of([(ROW | row).get(name, "") for name in names], layout, at=AT)
