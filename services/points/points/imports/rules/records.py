"""From bytes to records: CSV (RFC 4180) and NDJSON, without trust in either.

A record that cannot be read is answered by its refusal, and reading goes on with the next line, so that one open quote
costs one line and not the rest of the file.
"""

import csv
import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from points.imports.errors import RowMalformed
from points.imports.rules.plan import Heading, Plan, plain
from points.imports.rules.texts import refuse_no_names, refuse_no_texts

LONGEST_ROW = 64 * 1024
# Between a column's name and its cell, and between two of them, where the content of a row is its identity.
NAME_ENDS, CELL_ENDS = "\x1e", "\x1f"
# One sentence for all that the reader refuses: its own speak to programmers.
_NO_CSV = (
    "It is not CSV: a quote is not closed, or something stands beside a cell's quotes, or a carriage return alone is "
    "outside of quotes while other lines end otherwise."
)
Cells = list[str] | RowMalformed


class Record(NamedTuple):
    """One record of a file: where it lies, and its cells or why it has none; an empty one has no cells."""

    start: int
    size: int
    cells: Cells


class _TooLong(Exception):
    """A record has more bytes than LONGEST_ROW."""


class Lines:
    """The lines of some bytes as text, with count of how far they were read; those that are no text are noted."""

    def __init__(self, data: bytes, encoding: str, line_end: str) -> None:
        self.data, self.encoding, self.line_end = data, encoding, line_end.encode()
        self.at = self.record = self.second = 0
        self.is_bad = self.is_exhausted = False

    def begin(self) -> None:
        """Begin a record with the next line."""
        self.record, self.second, self.is_bad = self.at, 0, False

    def give_up(self) -> None:
        """Let the record end with its first line: the next one begins with its second."""
        self.at = self.second or len(self.data)
        self.is_exhausted = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        start = self.at
        if start >= len(self.data):
            self.is_exhausted = True
            raise StopIteration
        self.at = self.data.find(self.line_end, start) + 1 or len(self.data)
        self.second = self.second or self.at
        if self.at - self.record > LONGEST_ROW:
            raise _TooLong
        try:
            return self.data[start : self.at].decode(self.encoding)
        except UnicodeDecodeError:
            self.is_bad = True
            return self.data[start : self.at].decode("latin-1")


def records(data: bytes, plan: Plan, heading: Heading, *, start: int, is_end: bool) -> Iterator[Record]:
    """Yield the whole records of some bytes, which begin with one; a last one that may go on beyond them is left out,
    unless they are the end of the file."""
    if not is_end:
        data = data[: data.rfind(heading.line_end.encode()) + 1]
    if plan.format == "ndjson":
        return _ndjson(data, plan, heading, start)
    how = {"separator": heading.separator, "line_end": heading.line_end}
    return csv_records(data, encoding=plan.encoding, **how, start=start, is_end=is_end)


def csv_records(
    data: bytes, *, encoding: str, separator: str, line_end: str = "\n", start: int, is_end: bool
) -> Iterator[Record]:
    """Yield the records of CSV as `records` does."""
    lines = Lines(data, encoding, line_end)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        lines.begin()
        try:
            cells: Cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _TooLong) as error:
            if lines.is_exhausted and not is_end:
                return
            lines.give_up()
            reader = csv.reader(lines, delimiter=separator, strict=True)
            cells = RowMalformed(_why(error))
        if lines.is_bad:
            cells = RowMalformed(f"It is not text in {encoding}.")
        yield Record(start + lines.record, lines.at - lines.record, cells)


def _why(error: Exception) -> str:
    if isinstance(error, _TooLong):
        return f"A row may have {LONGEST_ROW} bytes."
    return _NO_CSV


def _ndjson(data: bytes, plan: Plan, heading: Heading, start: int) -> Iterator[Record]:
    lines = Lines(data, plan.encoding, heading.line_end)
    while lines.at < len(data):
        lines.begin()
        try:
            cells: Cells = _cells_of(next(lines), heading.columns)
        except _TooLong as error:
            cells = RowMalformed(_why(error))
        if lines.is_bad:
            cells = RowMalformed(f"It is not text in {plan.encoding}.")
        yield Record(start + lines.record, lines.at - lines.record, cells)


def _cells_of(line: str, columns: Sequence[str]) -> Cells:
    """Return the cells of a JSON object in the order of the columns; the last column is the whole content."""
    if not line.strip():
        return []
    try:
        found = _DECODER.decode(line.strip())
        if not isinstance(found, dict):
            raise ValueError("an object is expected")
        said = {name: _text(value) for name, value in found.items()}
        refuse_no_names(said)
        refuse_no_texts(list(said), said.values())
        cells = {plain(name): value.strip() for name, value in said.items()}
        if len(cells) != len(found):
            raise ValueError("two members have the same name")
    except RowMalformed as refusal:
        return refusal
    except json.JSONDecodeError as error:
        return RowMalformed(f"It is not JSON from character {error.pos + 1} on.")
    except RecursionError:
        return RowMalformed("It is no JSON object: it is nested too deep.")
    except ValueError as error:
        return RowMalformed(f"It is no JSON object: {error}.")
    return [*(cells.get(column, "") for column in columns[:-1]), content_of(sorted(cells.items()))]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError("a member is neither text nor a number")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("it has the same name twice")
    return found


# Numbers stay text, as they are in CSV: no float ever, and no integer too long to be read.
_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_float=str, parse_int=str, parse_constant=_text)


def content_of(cells: Sequence[tuple[str, str]]) -> str:
    """Return what a row says, whatever the order of its columns; empty cells say nothing."""
    return CELL_ENDS.join([name + NAME_ENDS + cell for name, cell in cells if cell])
