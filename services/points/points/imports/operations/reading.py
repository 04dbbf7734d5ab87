"""A chunk of a file's rows, read from its pieces."""

from points.imports import contents
from points.imports.errors import RowMalformed
from points.imports.models import Import
from points.imports.rules.plan import Heading, Plan
from points.imports.rules.records import LONGEST_ROW, Record, records

CHUNK = 5_000
# Far more than the longest row, so that each read has at least one.
WINDOW = 1024 * 1024


def read_chunk(found: Import, plan: Plan, heading: Heading, *, start: int) -> tuple[list[Record], int]:
    """Return the next rows of a file, empty ones left out, and where the chunk after them begins."""
    data = contents.read(found.id, start, WINDOW)
    is_end = start + len(data) >= found.bytes
    rows: list[Record] = []
    position = start
    for record in records(data, plan, heading, start=start, is_end=is_end):
        position = record.start + record.size
        if isinstance(record.cells, RowMalformed) or any(record.cells):
            rows.append(record)
            if len(rows) == CHUNK:
                break
    if position == start and data:
        position = _end_of_line(found, start)
        rows = [Record(start, position - start, RowMalformed(f"A row may have {LONGEST_ROW} bytes."))]
    return rows, position


def _end_of_line(found: Import, start: int) -> int:
    """Return where the line after the one at an offset begins, however long that is."""
    while start < found.bytes:
        data = contents.read(found.id, start, WINDOW)
        if (end := data.find(b"\n")) >= 0:
            return start + end + 1
        start += len(data)
    return found.bytes
