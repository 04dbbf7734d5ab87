"""Tables of periods, and until when what they hold is known."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.db import Row, rows
from warehouse.reports.rules import Periods
from warehouse.reports.tables import Table

_AS_OF = "SELECT staged_at FROM staging_message ORDER BY staged_seq DESC LIMIT 1"


def as_of() -> datetime | None:
    """Return when the newest message was staged: a report made after this knows all messages until then."""
    found = rows(_AS_OF)
    return found[0][0] if found else None


def by_period(sql: str, periods: Periods, columns: str, **parameters: Any) -> Table:
    """Return the table of a statement whose rows begin with the number of their period, from 1."""
    newest = as_of()  # first, so that it never promises more than the rows hold
    window = {"starts": list(periods.starts), "since": periods.since, "until": periods.until}
    found = rows(sql, window | parameters)
    return Table(newest, tuple(columns.split()), _labelled(found, periods))


def _labelled(found: Sequence[Row], periods: Periods) -> list[list[Any]]:
    return [[periods.labels[bucket - 1], *map(_value, values)] for bucket, *values in found]


def _value(value: Any) -> Any:
    # sum() of bigint is numeric, which arrives as a Decimal.
    return value if value is None or isinstance(value, str | UUID) else int(value)
