"""How many pages of tables and indexes PostgreSQL reads for requests, in memory or from disk, and for which statements.

Counted by pg_stat_statements, which is part of PostgreSQL. The time of a request says as much about what else the
machine does; its pages are the same each time.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg2

from bench.scale.stand import SIZES, Stand
from tools.stack.layout import PACKAGES
from tools.stack.postgres import Postgres

_DATABASE = "(SELECT oid FROM pg_database WHERE datname = %s)"
_RESET = f"SELECT pg_stat_statements_reset(0, {_DATABASE}, 0)"
_READ = f"""
SELECT shared_blks_hit + shared_blks_read, regexp_replace(query, '\\s+', ' ', 'g')
FROM pg_stat_statements WHERE dbid = {_DATABASE} AND toplevel ORDER BY 1 DESC
"""


@dataclass(frozen=True)
class Pages:
    """What each database has read since it was begun anew."""

    stand: Stand
    _lines: Mapping[str, Any]

    def begin(self, service: str) -> None:
        """Count from zero, in both sizes."""
        for size in SIZES:
            self._ask(service, size, _RESET)

    def read(self, service: str, size: str) -> int:
        """Return how many pages were read since."""
        return int(sum(pages for pages, _ in self._ask(service, size, _READ)))

    def most(self, service: str, size: str) -> str:
        """Return the statement that read the most pages since."""
        return str(next((text for _, text in self._ask(service, size, _READ)), "none"))

    def _ask(self, service: str, size: str, sql: str) -> list[tuple[Any, ...]]:
        with self._lines[service].cursor() as cursor:
            cursor.execute(sql, (self.stand.database(service, size),))
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found


@contextmanager
def counted(stand: Stand) -> Iterator[Pages]:
    """Yield the count of the stand's servers, whose `shared_preload_libraries` name pg_stat_statements."""
    with ExitStack() as opened:
        lines = {}
        for service in PACKAGES:
            server = stand.server(service)
            lines[service] = _line(server)
            opened.callback(lines[service].close)
            with lines[service].cursor() as cursor:
                cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        yield Pages(stand, lines)


def _line(server: Postgres) -> Any:
    line = psycopg2.connect(
        host="127.0.0.1", port=server.port, user="postgres", password=server.password, dbname="postgres"
    )
    line.autocommit = True
    return line
