"""A chunk of a file's rows, read from its pieces.

A file is not changed once its rows are read, nor is how it is read: what was read stays right.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from points.imports import contents
from points.imports.errors import RowMalformed
from points.imports.models import Import
from points.imports.rules.records import LONGEST_ROW, Record, records
from points.imports.rules.rows import Command, Layout, judged
from shared.errors import DomainError

CHUNK = 5_000
# Far more than the longest row, so that each read has at least one, and some chunks of usual ones.
WINDOW = 2 * 1024 * 1024


class Chunk(NamedTuple):
    """Rows of a file, empty ones left out, each with its command, and where the chunk after them begins."""

    rows: Sequence[Record]
    commands: Sequence[Command | DomainError]
    position: int


class _Kept:
    """What this process has read of a file and nobody has asked for yet: the bytes from an offset on."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Keep nothing."""
        self.of: tuple[UUID, datetime] | None = None
        self.start, self.data = 0, b""


_kept = _Kept()


def read_chunk(found: Import, layout: Layout, *, start: int, since: datetime) -> Chunk:
    """Return the next rows of a file, judged as of an instant."""
    if _kept.of != (found.id, since):
        _kept.reset()
        _kept.of = found.id, since
    if (chunk := _from_kept(found, layout, start, since)) is None:
        _kept.start, _kept.data = start, contents.read(found.id, start, WINDOW)
        chunk = _parsed(found, layout, start, since)
    return chunk


def _from_kept(found: Import, layout: Layout, start: int, since: datetime) -> Chunk | None:
    """Return a chunk of the bytes that are kept; None where they end before it does."""
    if not _kept.start <= start < _kept.start + len(_kept.data):
        return None
    rows, position = _rows(found, layout, start)
    return _judged(rows, position, layout, since) if len(rows) == CHUNK or position == found.bytes else None


def _parsed(found: Import, layout: Layout, start: int, since: datetime) -> Chunk:
    """Return the chunk that the bytes begin with that were read now, however few rows they are."""
    rows, position = _rows(found, layout, start)
    if position == start and _kept.data:
        position = _end_of_line(found, start, layout.heading.line_end.encode())
        rows = [Record(start, position - start, RowMalformed(f"A row may have {LONGEST_ROW} bytes."))]
    return _judged(rows, position, layout, since)


def _rows(found: Import, layout: Layout, start: int) -> tuple[list[Record], int]:
    data = _kept.data[start - _kept.start :]
    is_end = start + len(data) >= found.bytes
    rows: list[Record] = []
    position = start
    for record in records(data, layout.plan, layout.heading, start=start, is_end=is_end):
        position = record.start + record.size
        if isinstance(record.cells, RowMalformed) or any(record.cells):
            rows.append(record)
            if len(rows) == CHUNK:
                break
    return rows, position


def _judged(rows: Sequence[Record], position: int, layout: Layout, since: datetime) -> Chunk:
    commands = [
        row.cells if isinstance(row.cells, DomainError) else judged(row.cells, layout, at=since) for row in rows
    ]
    return Chunk(rows, commands, position)


def _end_of_line(found: Import, start: int, line_end: bytes) -> int:
    """Return where the line after the one at an offset begins, however long that is."""
    while start < found.bytes:
        data = contents.read(found.id, start, WINDOW)
        if (end := data.find(line_end)) >= 0:
            return start + end + 1
        start += len(data)
    return found.bytes
