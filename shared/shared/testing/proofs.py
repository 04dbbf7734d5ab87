"""Proofs for tests: nothing was written; many at once."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import connection, connections

T = TypeVar("T")
# A refusal is remembered on purpose; that is no effect.
_NOT_EFFECTS = ("idempotency_record", "django_migrations")
# Of ninety tables a test has rows in ten, and this is asked before and after each refusal: a table without a page has
# no row, and all others are one statement.
_NOT_BLANK = """
SELECT quote_ident(relname) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    AND relname != ALL(%s) AND pg_relation_size(oid) > 0
"""
_DIGEST = "SELECT '{name}', md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {name} t HAVING count(*) > 0"


def contents() -> dict[str, str]:
    """Return a digest of all rows of each table that has any."""
    with connection.cursor() as cursor:
        cursor.execute(_NOT_BLANK, [list(_NOT_EFFECTS)])
        digests = [_DIGEST.format(name=name) for (name,) in cursor.fetchall()]
        if not digests:
            return {}
        cursor.execute(" UNION ALL ".join(digests))
        return dict(cursor.fetchall())


@contextmanager
def nothing_written() -> Iterator[None]:
    """Assert that no row of any table is added, changed or removed inside."""
    before = contents()
    yield
    after = contents()
    assert {table for table in before | after if before.get(table) != after.get(table)} == set()


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
