"""CSV as a download (RFC 4180): one character set, and no cell that a spreadsheet takes for a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain, islice
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from rest_framework.renderers import BaseRenderer

from shared.clock import iso

CONTENT_TYPE = "text/csv; charset=utf-8"
# A text that begins so is a formula to a spreadsheet (OWASP, CSV injection); the full-width forms are to some.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_ROWS_AT_ONCE = 200


class CsvRenderer(BaseRenderer):
    """Lets a client that accepts only CSV have it; the view writes the answer itself."""

    media_type = "text/csv"
    format = "csv"


def csv_text(rows: Iterable[Sequence[Any]]) -> str:
    """Write rows, the column names first; a text that begins like a formula gets an apostrophe in front."""
    written = io.StringIO()
    csv.writer(written).writerows(  # noqa: TID251 - here is where it belongs
        [_cell(value) for value in row] for row in rows
    )
    return written.getvalue()


def csv_answer(rows: Iterable[Sequence[Any]], name: str) -> HttpResponse:
    """Offer rows, the column names first, as the download `name`.csv."""
    return HttpResponse(csv_text(rows), content_type=CONTENT_TYPE, headers=_download(name))


def csv_stream(columns: Sequence[str], rows: Iterable[Sequence[Any]], name: str) -> StreamingHttpResponse:
    """Offer rows as the download `name`.csv, some at a time: a file of any length takes the same memory."""
    pieces = _pieces(chain([columns], rows))
    return StreamingHttpResponse(pieces, content_type=CONTENT_TYPE, headers=_download(name))


def _pieces(rows: Iterator[Sequence[Any]]) -> Iterator[str]:
    while piece := list(islice(rows, _ROWS_AT_ONCE)):
        yield csv_text(piece)


def _download(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}.csv"'}


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, datetime):
        return iso(value)
    text = value.isoformat() if isinstance(value, date) else str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
