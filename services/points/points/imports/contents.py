"""The bytes of files, in pieces; PostgreSQL keeps them, because web and workers share no disk."""

import hashlib
from uuid import UUID

from psycopg2 import Binary

from shared.db import execute, rows

_ADD = """
INSERT INTO points_import_piece (import_id, start, size, digest, content) VALUES (%s, %s, %s, %s, %s)
"""
# What is asked for of each piece that has some of it; positions of substring count from one.
_READ = """
SELECT substring(content FROM (greatest(%(start)s - start, 0) + 1)::integer
                 FOR (least(%(end)s, start + size) - greatest(%(start)s, start))::integer)
FROM points_import_piece WHERE import_id = %(id)s AND start < %(end)s AND start + size > %(start)s ORDER BY start
"""
MEMORIES = ("points_import_identity", "points_import_member")
PROMISES = ("points_import_chunk",)
POSTINGS = ("points_import_posting",)
NOTES = ("points_import_refusal", "points_import_repeat", *MEMORIES, *PROMISES, *POSTINGS)
_DELETE = {
    table: f"DELETE FROM {table} WHERE import_id = %s" for table in (*NOTES, "points_import_run", "points_import_piece")
}


def add(import_id: UUID, start: int, content: bytes) -> None:
    """Keep a piece."""
    execute(_ADD, [import_id, start, len(content), _digest(content), Binary(content)])


def is_piece(import_id: UUID, start: int, content: bytes) -> bool | None:
    """Tell whether exactly this piece is kept at an offset; None where none begins there."""
    found = rows("SELECT size, digest FROM points_import_piece WHERE import_id = %s AND start = %s", [import_id, start])
    if not found:
        return None
    return (found[0][0], bytes(found[0][1])) == (len(content), _digest(content))


def read(import_id: UUID, start: int, size: int) -> bytes:
    """Return up to so many bytes of a file from an offset on."""
    wanted = {"id": import_id, "start": start, "end": start + size}
    return b"".join(bytes(row[0]) for row in rows(_READ, wanted))


def delete(import_id: UUID, *tables: str) -> None:
    """Remove an import's rows of tables of this module."""
    for table in tables:
        execute(_DELETE[table], [import_id])


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()
