"""Emptying tables between tests that commit, by their owner: append-only ones must let it pass here, and here only."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.db.backends.postgresql.operations import DatabaseOperations

from shared.testing.owner import as_owner

_original = DatabaseOperations.sql_flush


def _sql_flush(self: DatabaseOperations, style: Any, tables: Any, **options: Any) -> list[str]:
    with self.connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%\\_no\\_truncate'")
        guarded = [name for (name,) in cursor.fetchall()]
    return [
        *(f"ALTER TABLE {name} DISABLE TRIGGER USER" for name in guarded),
        *_original(self, style, tables, **options),
        *(f"ALTER TABLE {name} ENABLE TRIGGER USER" for name in guarded),
    ]


def _execute_sql_flush(self: DatabaseOperations, sql_list: list[str]) -> None:
    as_owner(";".join(sql.removesuffix(";") for sql in sql_list))


@contextmanager
def tables_can_be_emptied() -> Iterator[None]:
    """Let Django's flush, which ends every test that commits, truncate tables that refuse it."""
    with (
        patch.object(DatabaseOperations, "sql_flush", _sql_flush),
        patch.object(DatabaseOperations, "execute_sql_flush", _execute_sql_flush),
    ):
        yield
