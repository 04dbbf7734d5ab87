"""A report as a table, and its two forms: JSON and CSV."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse

from shared.clock import iso
from shared.http.csvfiles import csv_answer
from shared.http.views import reply


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


def _csv_answer(table: Table, name: str) -> HttpResponse:
    response = csv_answer([table.columns, *table.rows], name)
    if table.as_of:
        response["X-As-Of"] = iso(table.as_of)
    return response
