"""Transactions and set-based SQL."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

import msgspec
from django.db import DEFAULT_DB_ALIAS, IntegrityError, connection, connections, transaction

from shared.env import PLANNER
from shared.postgres.literals import literal

Row = tuple[Any, ...]
_PARAMETER = re.compile(r"%\((\w+)\)s")


def unit_of_work() -> transaction.Atomic:
    """Open the transaction of one operation, or join the one that is open.

    Joining takes no savepoint (two round trips less): a refusal inside therefore undoes the
    whole outer transaction, which is what the idempotency record and the inbox want.
    """
    return transaction.atomic(savepoint=False)


def rows(sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[Row]:
    """Run one statement on the default database and return all its rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[Row] = cursor.fetchall()
        return found


def execute(sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> int:
    """Run one statement that returns no rows; return how many it changed."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)


def violated(error: IntegrityError) -> str:
    """Return the name of the constraint that refused a statement."""
    return str(getattr(getattr(error.__cause__, "diag", None), "constraint_name", ""))


class Prepared:
    """Statements that each connection parses and plans once, sent together in one round trip.

    Written with `%(name)s` as any other, but every parameter needs a cast where its type does not show.
    Each statement sees what was committed before it began, as when sent alone; the rows are the last one's.
    """

    _made: ClassVar[WeakKeyDictionary[Any, set[str]]] = WeakKeyDictionary()

    def __init__(self, name: str, *statements: str) -> None:
        self.name = name
        self._texts = _texts(name, statements)

    def rows(self, parameters: Mapping[str, Any]) -> list[Row]:
        """Run the statements and return all rows of the last one."""
        with self._run(parameters) as cursor:
            found: list[Row] = cursor.fetchall()
            return found

    def execute(self, parameters: Mapping[str, Any]) -> None:
        """Run the statements."""
        with self._run(parameters):
            pass

    @contextmanager
    def _run(self, parameters: Mapping[str, Any]) -> Iterator[Any]:
        link = connections[DEFAULT_DB_ALIAS]
        if link.execute_wrappers or link.queries_logged:
            with link.cursor() as cursor:
                cursor.execute(self._rendered(link, parameters))
                yield cursor
            return
        # What Django's cursor does for a statement, without its layers.
        link.close_if_health_check_failed()
        link.ensure_connection()
        link.validate_no_broken_transaction()
        with link.wrap_database_errors, link.connection.cursor() as plain:
            plain.execute(self._rendered(link, parameters))
            yield plain

    def later(self, parameters: Mapping[str, Any], *, is_returning: bool = False) -> None:
        """Run the statements with the next one of this transaction, or with its COMMIT, in one round trip.

        Whatever follows sees their effect. What they refuse is raised there, at the latest by the commit, so nobody
        may count on catching it here. Outside a transaction they run at once. The row that they answer may come with
        the commit where it `is_returning` and nothing follows: see `answer_of_commit`.
        """
        link = connections[DEFAULT_DB_ALIAS]
        link.ensure_connection()
        if not link.connection.queue(self._rendered(link, parameters).encode(), is_returning=is_returning):
            self.execute(parameters)

    def as_sql(self) -> tuple[str, str]:
        """Return what prepares the statements, and what runs them but for `%(name)s`: for a client of another kind."""
        return self._texts

    def _rendered(self, link: Any, parameters: Mapping[str, Any]) -> str:
        """Return what runs the statements with these values, once they are made."""
        prepare, run = self._texts
        made = self._made.setdefault(link.connection, set())
        if self.name not in made:
            # Apart from the first run, and what is queued before it: what is prepared stays whatever becomes of those.
            with link.wrap_database_errors:
                link.connection.execute_apart(prepare)
            made.add(self.name)
        return run % {name: literal(value) for name, value in _plain(parameters).items()}


def _texts(name: str, statements: Sequence[str]) -> tuple[str, str]:
    """Return what prepares statements, and what runs them."""
    prepare, runs = "", []
    for number, sql in enumerate(statements):
        names = list(dict.fromkeys(_PARAMETER.findall(sql)))
        for place, parameter in enumerate(names, start=1):
            sql = sql.replace(f"%({parameter})s", f"${place}")
        prepare += f"PREPARE {name}_{number} AS {sql};"
        values = ", ".join(f"%({parameter})s" for parameter in names)
        runs.append(f"EXECUTE {name}_{number}" + (f"({values})" if values else ""))
    return prepare, ";".join(runs)


@contextmanager
def whole_tables() -> Iterator[None]:
    """Let statements read tables whole and join them by hash, as jobs want that look at all rows; in a transaction.

    Each statement is planned for its values, so none of these plans is kept for others.

    :raises AssertionError: no transaction is open, with which the settings would end.
    """
    assert connections[DEFAULT_DB_ALIAS].in_atomic_block
    _set_planner(_WHOLE)
    yield
    # Not after a refusal: the transaction, and the settings with it, ends.
    _set_planner({name: PLANNER[name] for name in _WHOLE})


_WHOLE = {
    "plan_cache_mode": "force_custom_plan",
    "enable_seqscan": "on",
    "enable_hashjoin": "on",
    "enable_mergejoin": "on",
    "enable_bitmapscan": "on",
    "enable_indexonlyscan": "on",
    "enable_material": "on",
}


def rows_in_order(sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[Row]:
    """Run one statement that takes the next rows of an index, and return them.

    Along the index: by another one it would read and sort all that follow to take the first.
    """
    with unit_of_work():
        execute("SET LOCAL enable_sort = off")
        found = rows(sql, parameters)
        execute("SET LOCAL enable_sort = on")
        return found


def _set_planner(values: Mapping[str, str]) -> None:
    execute("; ".join(f"SET LOCAL {name} = {value}" for name, value in values.items()))


def answer_of_commit() -> Row | None:
    """Return the row that the transaction's last statement was to return, once it has committed; None where that was
    sent earlier, or has not committed: it has to be looked for then."""
    answer: Row | None = connections[DEFAULT_DB_ALIAS].connection.take_answer()
    return answer


def start_writes() -> None:
    """Let the server begin with what `Prepared.later` wrote, while this process goes on; for what takes it long.

    What follows waits for it and sees its effect. What it refuses is raised there, at the latest by the commit.
    """
    link = connections[DEFAULT_DB_ALIAS]
    with link.wrap_database_errors:
        link.connection.start_queued()


def _plain(parameters: Mapping[str, Any]) -> Any:
    """Return parameters with UUIDs and instants as texts."""
    return msgspec.to_builtins(parameters, builtin_types=(bytes,))


def columns(records: Iterable[Row], width: int) -> list[list[Any]]:
    """Turn rows into columns for `unnest`, also when there is no row at all."""
    turned = [list(column) for column in zip(*records, strict=True)]
    return turned or [[] for _ in range(width)]


def array(values: Sequence[Any]) -> str:
    """Write numbers, UUIDs, instants or plain words (no quote, backslash or control character) as a PostgreSQL array.

    JSON and PostgreSQL write such arrays alike but for the brackets. Far faster for thousands of values
    than adapting each, for both sides; cast it where it is used: `unnest(%s::uuid[])`.
    """
    return "{" + msgspec.json.encode(values)[1:-1].decode() + "}" if values else "{}"


def named(table: str, column: str = "id") -> str:
    """Return the FROM item of those rows of a table whose key is among the UUIDs `%(ids)s`.

    Each is looked up by itself: the planner takes no `LATERAL … OFFSET 0` for a join, which it may turn round.
    """
    return (
        f"(SELECT found.* FROM (SELECT DISTINCT unnest(%(ids)s::uuid[])) AS one (id) CROSS JOIN LATERAL"
        f" (SELECT * FROM {table} AS found WHERE found.{column} = one.id OFFSET 0) AS found)"
    )


def unnested(kinds: Mapping[str, str], *, lines: Collection[str] = ()) -> str:
    """Return the FROM item of rows whose columns are the arrays `%(name)s` of these types, for lists of many rows.

    An array of one value has it for all rows, because most columns of a long list say the same in each, and whoever
    reads a value from text takes longer than over anything else: see `repeated`. One array at least has all rows.
    Columns named in `lines` are no arrays but one text, with a line for each row: JSON in an array is read twice.
    """
    sources = ", ".join(
        f"string_to_table(%({name})s::text, chr(10))" if name in lines else f"unnest(%({name})s::{kind}[])"
        for name, kind in kinds.items()
    )
    columns = ", ".join(
        f"{name}::{kind}"
        if name in lines
        else f"CASE WHEN cardinality(%({name})s::{kind}[]) = 1 THEN (%({name})s::{kind}[])[1] ELSE {name} END AS {name}"
        for name, kind in kinds.items()
    )
    return f"(SELECT {columns} FROM ROWS FROM ({sources}) AS _ ({', '.join(kinds)}))"


def repeated(values: Sequence[Any]) -> Sequence[Any]:
    """Return one value where all are the same."""
    is_repeated = values and values[0] == values[-1] and values.count(values[0]) == len(values)
    return values[:1] if is_repeated else values


def text_array(values: Iterable[str | None]) -> str:
    """Write any texts as a PostgreSQL array, as `array` does for plain values.

    :raises ValueError: a text has a NUL, which PostgreSQL has not.
    """
    given = list(values)
    texts = [text for text in given if text is not None]
    if len(texts) < len(given):
        return "{" + ",".join(["NULL" if text is None else text_array([text])[1:-1] for text in given]) + "}"
    # All at once, with what no text may have between them: a tenth of the time of one by one.
    together = "\0".join(texts)
    if together.count("\0") != max(len(texts) - 1, 0):
        raise ValueError("a text may not have a NUL")
    escaped = together.replace("\\", "\\\\").replace('"', '\\"').replace("\0", '","')
    return f'{{"{escaped}"}}' if texts else "{}"
