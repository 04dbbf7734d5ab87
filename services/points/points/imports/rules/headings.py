"""The first line of a file: which columns it has, and what separates them."""

import re
from collections import Counter
from collections.abc import Sequence

from msgspec import structs

from points.imports.errors import ColumnMissing, FileUnreadable, RowMalformed
from points.imports.rules.plan import Heading, Plan, plain
from points.imports.rules.records import LONGEST_ROW, csv_records
from points.imports.rules.texts import LONGEST_NAME, is_cell

SEPARATORS = (",", ";", "\t")
MOST_COLUMNS = 1000
# How many of the columns that were found a refusal names, where one is missing.
MOST_NAMED = 50
# A line before the first that spreadsheets write and read, and do not show.
_SEPARATOR_LINE = re.compile(rb'"?sep=([^\r\n])"?(?:\r\n|\n|\r)', re.IGNORECASE)
_BOM = b"\xef\xbb\xbf"
_NO_TEXT = {
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"PK\x03\x04": "a ZIP file",
    b"\x1f\x8b": "a gzip file",
    b"%PDF": "a PDF",
}


def what_it_is(data: bytes) -> str | None:
    """Return what some first bytes are, where they are certainly no text that is read here."""
    return next((name for start, name in _NO_TEXT.items() if data.startswith(start)), None)


def heading_of(data: bytes, plan: Plan, *, is_end: bool) -> Heading:
    """Return what the first bytes of a file say of its columns.

    :raises FileUnreadable: it is no text, or its first line does not name columns, each once.
    :raises ColumnMissing: a column that the plan names is not there.
    """
    if name := what_it_is(data):
        raise FileUnreadable(f"It is {name}.")
    begin = len(_BOM) if data.startswith(_BOM) else 0
    line_end = _line_end_of(data)
    if plan.format == "ndjson":
        return Heading(columns=(*(plain(name) for name in plan.used()), ""), line_end=line_end, position=begin)
    separators: tuple[str, ...] = SEPARATORS
    if said := _SEPARATOR_LINE.match(data, begin):
        begin, separators = said.end(), (said[1].decode("latin-1"),)
    if plan.separator is not None:
        separators = (plan.separator,)
    if not set(separators) <= set(SEPARATORS):
        raise FileUnreadable(f"Its first line says that {separators[0]!r} separates, and that is not read here.")
    found = [_heading(data[begin:], plan, separator, line_end, begin, is_end) for separator in separators]
    # The one that finds most of what is looked for; the first of several.
    best = min(found, key=lambda one: len(missing(plan, one.columns)) if isinstance(one, Heading) else MOST_COLUMNS)
    if isinstance(best, FileUnreadable):
        raise best
    _check(plan, best.columns)
    return structs.replace(best, columns=tuple(map(plain, best.columns)))


def _line_end_of(data: bytes) -> str:
    """Return what ends the lines; a carriage return alone only where no row could have any other end."""
    start = data[:LONGEST_ROW]
    return "\r" if b"\r" in start and b"\n" not in start else "\n"


def _heading(
    data: bytes, plan: Plan, separator: str, line_end: str, begin: int, is_end: bool
) -> Heading | FileUnreadable:
    how = {"separator": separator, "line_end": line_end}
    for record in csv_records(data, encoding=plan.encoding, **how, start=begin, is_end=is_end):
        if isinstance(record.cells, RowMalformed):
            return FileUnreadable(f"Its first line: {record.cells.detail}")
        if any(record.cells):
            return Heading(columns=tuple(record.cells), **how, position=record.start + record.size)
    return FileUnreadable("It has no line that names the columns.")


def missing(plan: Plan, columns: Sequence[str]) -> list[str]:
    """Return the columns that a plan names and a file lacks."""
    there = set(map(plain, columns))
    return [name for name in plan.used() if plain(name) not in there]


def _check(plan: Plan, columns: Sequence[str]) -> None:
    if len(columns) > MOST_COLUMNS:
        raise FileUnreadable(f"It has {len(columns)} columns; {MOST_COLUMNS} are read at most.")
    if not all(map(is_cell, columns)):
        raise FileUnreadable("A column's name has a control or unassigned character.")
    named = [name.strip() for name in columns if name.strip()]
    if twice := [name for name, times in Counter(map(plain, named)).items() if times > 1]:
        raise FileUnreadable(f"Its first line names a column twice: {', '.join(sorted(twice))[:200]}.")
    if lacking := missing(plan, columns):
        raise ColumnMissing(columns=lacking, found=[name[:LONGEST_NAME] for name in named[:MOST_NAMED]])
