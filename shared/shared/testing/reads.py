"""What statements read: rows and pages of tables, as the server counts them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection

from shared.db import rows

_COUNTS = """
SELECT name, coalesce(sum(stat.seq_tup_read + coalesce(stat.idx_tup_fetch, 0)), 0)::bigint,
    coalesce(sum(pg_stat_get_xact_blocks_fetched(part.id)
        + (SELECT coalesce(sum(pg_stat_get_xact_blocks_fetched(indexrelid)), 0) FROM pg_index
           WHERE indrelid = part.id)), 0)::bigint
FROM unnest(%s::text[]) AS name
CROSS JOIN LATERAL (SELECT name::regclass::oid UNION SELECT relid FROM pg_partition_tree(name::regclass)) AS part (id)
JOIN pg_stat_xact_user_tables AS stat ON stat.relid = part.id GROUP BY name
"""
_Counts = dict[str, tuple[int, int]]


class Reads:
    """What was read of some tables since this was made, or until it was told to `stop`."""

    def __init__(self, tables: Sequence[str]) -> None:
        assert connection.in_atomic_block, "the server counts for one transaction only"
        self._tables = list(tables)
        self._before, self._after = self._counts(), _Counts()

    def __call__(self) -> int:
        """Return how many rows."""
        return sum(self.by_table().values())

    def by_table(self) -> dict[str, int]:
        """Return how many rows of each table."""
        return {table: count for table, (count, _) in self._since().items()}

    def pages(self) -> int:
        """Return how often a page was asked for, of the tables or of their indexes: what reading cost.

        The better measure where a small table may as well be read whole, or where an index is read through for a column
        that is not its first: its entries are no rows.
        """
        return sum(pages for _, pages in self._since().values())

    def stop(self) -> None:
        """Count no more."""
        self._after = self._counts()

    def _since(self) -> _Counts:
        after = self._after or self._counts()
        return {
            name: (row - self._before[name][0], page - self._before[name][1]) for name, (row, page) in after.items()
        }

    def _counts(self) -> _Counts:
        return {name: (row, page) for name, row, page in rows(_COUNTS, [self._tables])}


@contextmanager
def rows_read(*tables: str) -> Iterator[Reads]:
    """Count what this connection reads of tables inside, whole or by indexes; a partitioned one has its partitions'.

    A row counts each time it is read, also when it is then left out, and when a trigger or a foreign key reads it.
    What parallel workers read does not count (no session of ours has any).

    :raises AssertionError: no transaction is open, of which the server would count.
    """
    read = Reads(tables)
    yield read
    read.stop()
