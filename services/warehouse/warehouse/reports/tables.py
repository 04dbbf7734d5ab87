"""A report as a table, and its two forms: JSON and CSV."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse

from shared.clock import iso
from shared.http.views import reply

# A cell that begins so is a formula to a spreadsheet.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class Table:
    """What every report answers: columns, rows, and the instant of the newest message it can know of."""

    as_of: datetime | None
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]


def answer(table: Table, *, form: str, name: str) -> HttpResponse:
    """Answer with a table as `json` or as `csv`, which is offered as a download."""
    if form == "csv":
        return _csv_answer(table, name)
    return reply({"as_of": table.as_of, "columns": table.columns, "rows": table.rows})


def to_csv(table: Table) -> str:
    """Write a table as CSV (RFC 4180) that no spreadsheet takes for formulas: such texts get an apostrophe in front."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(table.columns)
    writer.writerows([_cell(value) for value in row] for row in table.rows)
    return written.getvalue()


def _csv_answer(table: Table, name: str) -> HttpResponse:
    response = HttpResponse(to_csv(table), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    if table.as_of:
        response["X-As-Of"] = iso(table.as_of)
    return response


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
