"""Proofs for tests: nothing was written; many at once."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import connection, connections

T = TypeVar("T")
# A refusal is remembered on purpose; that is no effect.
_NOT_EFFECTS = {"idempotency_record", "django_migrations"}


def contents() -> dict[str, str]:
    """Return a digest of all rows of each table."""
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if name not in _NOT_EFFECTS]
        found = {}
        for table in tables:
            cursor.execute(f"SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM \"{table}\" t")
            found[table] = cursor.fetchone()[0]
    return found


@contextmanager
def nothing_written() -> Iterator[None]:
    """Assert that no row of any table is added, changed or removed inside."""
    before = contents()
    yield
    after = contents()
    assert {table for table in after if after[table] != before.get(table)} == set()


def race(count: int, run: Callable[[int], T]) -> list[T | Exception]:
    """Run a function in so many threads that start together; return each one's result or exception.

    Needs `django_db(transaction=True)`: each thread has a connection of its own.
    """
    barrier = threading.Barrier(count)
    results: list[Any] = [None] * count

    def one(position: int) -> None:
        try:
            barrier.wait(timeout=30)
            results[position] = run(position)
        except Exception as error:  # noqa: BLE001 - the test looks at it
            results[position] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(position,)) for position in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not any(thread.is_alive() for thread in threads), "a racing thread hangs"
    return results
