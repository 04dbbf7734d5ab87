"""Fills a service's database by copying each row that real requests made: one statement for each table and step.

Triggers and foreign keys are off meanwhile, but where triggers keep sums; afterwards the ledgers are proven.
"""

from collections.abc import Collection, Iterator

from bench.scale.copies import sql_of_id, sql_of_text
from bench.scale.tables import ONCE, SERVICES, STRIDE
from tools.stack.postgres import Postgres

STEP = 50  # copies made by one statement
_KEPT = 5
_COLUMNS = """
SELECT c.relname || '|' || a.attname || '|' || format_type(a.atttypid, NULL)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND a.attgenerated = '' AND a.atttypid <> 'xid8'::regtype
  AND coalesce(pg_get_expr(d.adbin, d.adrelid), '') NOT LIKE 'nextval%'
  AND (a.attidentity = '' OR a.attname IN ({keys}) OR c.relname || '.' || a.attname IN ({keys}))
ORDER BY c.relname, a.attnum
"""
_REFERENCES = """
SELECT c.conrelid::regclass || '|' || a.attname || '|' || c.confrelid::regclass
FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) WHERE c.contype = 'f'
"""
_TEXTS = ("text", "character varying", "jsonb")


class NotCopied(RuntimeError):
    """A table did not grow as it should."""


def multiply(server: Postgres, database: str, service: str, *, first: int, last: int, kept: Collection[str]) -> None:
    """Make the copies from `first` to `last`, both included.

    :raises ServerRefused: a statement failed.
    """
    fixed = _of_no_copies(server, database, service)
    statements = [
        _statement(service, table, columns, fixed, kept) for table, columns in _tables(server, database, service)
    ]
    for start in range(first, last + 1, STEP):
        range_of_copies = f"generate_series({start}, {min(start + STEP - 1, last)}) AS k"
        sql = ";".join(statement.replace("COPIES", range_of_copies) for statement in statements)
        role = "origin" if SERVICES[service].triggers else "replica"
        server.psql(f"SET session_replication_role = {role}; {sql}", database=database)


def _tables(server: Postgres, database: str, service: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    keys = ", ".join(f"'{key}'" for key in (*SERVICES[service].keys, ""))
    found: dict[str, list[tuple[str, str]]] = {}
    for line in server.psql(_COLUMNS.format(keys=keys), database=database).stdout.splitlines():
        table, column, kind = line.split("|")
        found.setdefault(table, []).append((column, kind))
    once = ONCE | SERVICES[service].once
    yield from ((table, columns) for table, columns in found.items() if table not in once)


def _of_no_copies(server: Postgres, database: str, service: str) -> set[tuple[str, str]]:
    """Return the columns that refer to tables of which no row is copied: they stay as they are."""
    once = ONCE | SERVICES[service].once
    found = (line.split("|") for line in server.psql(_REFERENCES, database=database).stdout.splitlines())
    return {(table, column) for table, column, other in found if other in once}


def _statement(
    service: str, table: str, columns: list[tuple[str, str]], fixed: Collection[tuple[str, str]], kept: Collection[str]
) -> str:
    """Return the statement that copies one table's rows; those that are the same in the copy are there already."""
    names = ", ".join(f'"{column}"' for column, _ in columns)
    values = ", ".join(
        f'"{column}"' if (table, column) in fixed else _value(service, table, column, kind, kept)
        for column, kind in columns
    )
    original = f"(SELECT * FROM bench_scale.{table}) AS original"
    return f"INSERT INTO {table} ({names}) SELECT {values} FROM {original} CROSS JOIN COPIES ON CONFLICT DO NOTHING"


def _value(service: str, table: str, column: str, kind: str, kept: Collection[str]) -> str:
    service_tables, quoted = SERVICES[service], f'"{column}"'
    if (table, column) in service_tables.values:
        return service_tables.values[table, column]
    if kind == "bigint" and (column in service_tables.keys or f"{table}.{column}" in service_tables.keys):
        return f"{quoted} + k::bigint * {STRIDE}"
    if kind == "uuid":
        return sql_of_id(quoted, kept)
    if kind in _TEXTS:
        return sql_of_text(f"{quoted}::text", kept) + f"::{kind}"
    return quoted


def keep_originals(server: Postgres, database: str, service: str) -> dict[str, int]:
    """Set the rows aside that are to be copied; return how many each table has."""
    tables = [table for table, _ in _tables(server, database, service)]
    made = "; ".join(f"CREATE TABLE bench_scale.{table} AS TABLE public.{table}" for table in tables)
    server.psql(f"CREATE SCHEMA bench_scale; {made}", database=database)
    return counted(server, database, tables)


def counted(server: Postgres, database: str, tables: Collection[str]) -> dict[str, int]:
    """Return how many rows each table has."""
    sql = " UNION ALL ".join(f"SELECT '{table}|' || count(*) FROM {table}" for table in tables)
    pairs = (line.split("|") for line in server.psql(sql, database=database).stdout.splitlines())
    return {table: int(count) for table, count in pairs}


def check_growth(before: dict[str, int], after: dict[str, int], times: int) -> None:
    """Check that every table grew with the copies: all of its rows but the few that are the operator's.

    :raises NotCopied: one did not, for example because a unique column is the same in each copy.
    """
    wrong = [name for name, rows in before.items() if after[name] < (rows - _KEPT) * times]
    if wrong:
        counts = ", ".join(f"{name} has {after[name]} rows of {before[name]} originals" for name in wrong)
        raise NotCopied(f"after {times} copies {counts}: see bench/scale/tables.py")
