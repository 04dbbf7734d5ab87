"""Reads of imports."""

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from points.imports.errors import ImportNotFound
from points.imports.models import Import, ImportRun
from points.imports.rules.records import LONGEST_ROW
from shared.db import rows, text_array

_PAGE = 200
# A row of the file is the end of one piece and the beginning of the next, at times.
_REFUSALS = """
SELECT r.row, r."column", r.code, r.detail, line.bytes FROM (
    SELECT *, start + least(size, %(longest)s) AS "end" FROM points_import_refusal
    WHERE import_id = %(id)s AND row > %(after)s ORDER BY row LIMIT %(page)s) AS r
LEFT JOIN LATERAL (
    SELECT string_agg(substring(p.content FROM (greatest(r.start - p.start, 0) + 1)::integer
        FOR (least(r."end", p.start + p.size) - greatest(r.start, p.start))::integer), ''::bytea ORDER BY p.start)
        AS bytes
    FROM points_import_piece p
    WHERE p.import_id = r.import_id AND p.start < r."end" AND p.start + p.size > r.start) AS line ON true
ORDER BY r.row
"""
_REPEATS = "SELECT row, occurrence FROM points_import_repeat WHERE import_id = %s AND row > %s AND row <= %s"


class Refusal(NamedTuple):
    """A refused row: which column is wrong and why, and the row's bytes while they are kept."""

    row: int
    column: str
    code: str
    detail: str
    line: bytes | None


def imports_seen_by(caller_id: UUID, *, sees_all: bool) -> QuerySet[Import]:
    """Return the imports that somebody made, or all, for lists."""
    return Import.objects.all() if sees_all else Import.objects.filter(created_by=caller_id)


def known_import(import_id: UUID, *, caller_id: UUID, sees_all: bool) -> Import:
    """Return an import.

    :raises ImportNotFound: there is none, or it is somebody else's.
    """
    found = imports_seen_by(caller_id, sees_all=sees_all).filter(id=import_id).first()
    if found is None:
        raise ImportNotFound()
    return found


def runs_of(import_ids: Collection[UUID]) -> dict[tuple[UUID, str], ImportRun]:
    """Return the passes over these files."""
    return {(run.imported_id, run.kind): run for run in ImportRun.objects.filter(imported_id__in=import_ids)}


def refusals_of(import_id: UUID) -> Iterator[Refusal]:
    """Yield the refused rows of a file in order, page by page: no transaction stays open however slow the reader is."""
    wanted: dict[str, Any] = {"id": import_id, "after": 0, "page": _PAGE, "longest": LONGEST_ROW}
    while page := rows(_REFUSALS, wanted):
        for row, column, code, detail, line in page:
            yield Refusal(row, column, code, detail, None if line is None else bytes(line))
        wanted["after"] = page[-1][0]


def repeats_of(import_id: UUID, *, after: int, to: int) -> dict[int, int]:
    """Return which rows of a range have the identity of an earlier one: the so-maniest each is."""
    return dict(rows(_REPEATS, [import_id, after, to]))


# One look where none was ever reversed, as in most programmes.
_ANY_REVERSED = "SELECT EXISTS (SELECT FROM points_import_reversed WHERE programme_id = %s)"
_REVERSED = """
SELECT r.source_key, r.times FROM unnest(%s::text[]) AS k (source_key) CROSS JOIN LATERAL (
    SELECT * FROM points_import_reversed r WHERE r.programme_id = %s AND r.source_key = k.source_key OFFSET 0) r
"""


def times_reversed(programme_id: UUID, source_keys: Collection[str]) -> dict[str, int]:
    """Return, for those of these rows whose postings imports have reversed, how often."""
    if not rows(_ANY_REVERSED, [programme_id])[0][0]:
        return {}
    return dict(rows(_REVERSED, [text_array(source_keys), programme_id]))
