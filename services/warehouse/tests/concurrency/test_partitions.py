"""Partitions are made beside statements that read and write all tables."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import psycopg2
import pytest
from django.db import connection

from shared.db import rows
from shared.testing.waiting import until
from warehouse.intake.operations import make_partitions

TABLES = "SELECT partrelid::regclass::text FROM pg_partitioned_table ORDER BY 1"
WAITING = "SELECT count(*) FROM pg_locks JOIN pg_database ON oid = database WHERE datname = %s AND NOT granted"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("read_first", ["fact_points_entry", "fact_wallet_entry", "staging_message"])
def test_whoever_reads_one_table_after_the_other_never_waits_for_the_making_of_partitions(read_first):
    known = connection.get_connection_params()
    where = {name: known[name] for name in ("dbname", "user", "password", "host", "port") if name in known}
    tables = [table for (table,) in rows(TABLES)]
    reader = psycopg2.connect(**where)
    with ThreadPoolExecutor(1) as pool, reader, reader.cursor() as cursor:
        # As long as its transaction is open, none is made for this table.
        cursor.execute(f"SELECT count(*) FROM {read_first}")
        making = pool.submit(_make, datetime(2050 + tables.index(read_first), 1, 1, tzinfo=UTC))
        until(lambda: rows(WAITING, [known["dbname"]]) == [(1,)])
        for table in tables:
            cursor.execute("SET LOCAL lock_timeout = '1s'")
            cursor.execute(f"SELECT count(*) FROM {table}")
        reader.rollback()

        assert making.result() == 4 * len(tables)
    reader.close()


def _make(at: datetime) -> int:
    try:
        return make_partitions(at=at)
    finally:
        connection.close()
