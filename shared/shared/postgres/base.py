"""The database backend: BEGIN goes with the first statement of a transaction, and writes that answer nothing go with
the next statement or with the commit.

A round trip costs both sides more than most of our statements do. The driver stays in autocommit; what it would send
by itself is text that is put in front of what is sent next. Nothing is reordered and nothing may be left behind:
whatever is executed next sees the writes before it, a rollback drops them, a commit carries them.
"""

import select
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import msgspec
import psycopg2
from django.db.backends.postgresql import base
from psycopg2.extensions import (
    TRANSACTION_STATUS_IDLE,
    TRANSACTION_STATUS_INERROR,
    TRANSACTION_STATUS_UNKNOWN,
    new_array_type,
    new_type,
    register_type,
)

Row = tuple[Any, ...]
_BEGIN = b"BEGIN;"
_UUID_OID, _UUIDS_OID = 2950, 2951


def _uuid(text: str | None, _: Any) -> UUID | None:
    """Read a UUID in a quarter of the time that the driver's own reader takes; a long list has eight for each row."""
    return None if text is None else msgspec.convert(text, UUID)


_UUID = new_type((_UUID_OID,), "UUID", _uuid)
register_type(_UUID)
register_type(new_array_type((_UUIDS_OID,), "UUID[]", _UUID))


class Link(psycopg2.extensions.connection):
    """A connection with a queue of statements, which go with the next one."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # Literals of ours say something else to any other (shared.postgres.literals).
        spoken = self.encoding, self.get_parameter_status("standard_conforming_strings")
        if spoken != ("UTF8", "on"):
            raise psycopg2.NotSupportedError(f"UTF-8 and standard_conforming_strings are needed, not {spoken}")
        self._queued: list[bytes] = []
        self._underway: list[Future[None]] = []
        self._thread: ThreadPoolExecutor | None = None
        self._first: Callable[[], None] | None = None
        self._returning: bytes | None = None
        self._answer: Row | None = None

    def begin(self) -> None:
        """Open a transaction with the next statement; one without statements is never opened."""
        self._queued, self._returning, self._answer = [_BEGIN], None, None

    def queue(self, statement: bytes, *, is_returning: bool = False) -> bool:
        """Queue a statement to go with the next one; False outside a transaction, where nothing may follow.

        What it answers may come with the commit where it `is_returning`: see `take_answer`.
        """
        if not (self._queued or self._underway) and self.info.transaction_status == TRANSACTION_STATUS_IDLE:
            return False
        self._queued.append(statement := statement + b";")
        if is_returning:
            self._returning = statement
        return True

    def flush(self) -> bytes:
        """Empty the queue and return what is sent now before a statement, once what was started is done.

        :raises Error: the server refused what was started.
        """
        if self._underway:
            self._end_underway()
        queued, self._queued = b"".join(self._queued), []
        return queued

    def _end_underway(self) -> None:
        # All of it, before the first refusal is raised: nothing may reach the server after what follows.
        wait(self._underway)
        underway, self._underway = self._underway, []
        for statement in underway:
            statement.result()

    def start_queued(self) -> None:
        """Let the server begin with what is queued, after what was started before, while this process goes on."""
        if self._queued not in ([], [_BEGIN]):
            self._underway.append(self._in_background(b"".join(self._queued)))
            self._queued = []

    def execute_apart(self, statement: str) -> None:
        """Send a statement by itself, once what was started is done, before what is queued."""
        self._end_underway()
        with self.cursor(cursor_factory=psycopg2.extensions.cursor) as plain:
            plain.execute(statement)

    @contextmanager
    def writes_after(self, wait_for: Callable[[], None]) -> Iterator[None]:
        """Let what is started inside wait for something else, which may raise, before the server has it."""
        self._first = wait_for
        try:
            yield
        finally:
            self._first = None

    def drop_queued(self) -> None:
        """Drop what is queued, and what the server says of what was started: it is undone by what follows."""
        wait(self._underway)
        self._queued, self._underway = [], []

    def commit(self) -> None:
        """Send what is left with COMMIT; a transaction that was never opened needs none.

        One of which nothing was sent yet is one message, which the server takes for a transaction by itself
        (PostgreSQL, 55.2.2.1): without BEGIN and COMMIT, whose ends cost it as much as a short statement.
        """
        if self._queued[:1] == [_BEGIN]:
            (_, *statements), self._queued = self._queued, []
            if statements:
                answer = self._send(b"".join(statements))
                self._answer = answer if statements[-1] is self._returning else None
        elif (queued := self.flush()) or self.info.transaction_status != TRANSACTION_STATUS_IDLE:
            self._send(queued + b"COMMIT")

    def take_answer(self) -> Row | None:
        """Return the row that the last statement of the transaction answered, once; None where that was not asked or
        had to be sent before the commit."""
        answer, self._answer = self._answer, None
        return answer

    def rollback(self) -> None:
        """Drop what was not sent yet, and undo what was."""
        self.drop_queued()
        if self.info.transaction_status != TRANSACTION_STATUS_IDLE:
            self._send(b"ROLLBACK")

    def _send(self, statement: bytes) -> Row | None:
        """Send statements; return the first row of the last one, where that has any."""
        with self.cursor() as cursor:
            cursor.execute(statement)
            row: Row | None = cursor.fetchone() if cursor.description else None
            return row

    def _in_background(self, statement: bytes) -> Future[None]:
        """Send a statement by a thread, which only waits for the server: the driver lets others run meanwhile."""
        first = self._first

        def send() -> None:
            if first:
                first()
            with self.cursor(cursor_factory=psycopg2.extensions.cursor) as plain:
                plain.execute(statement)

        self._thread = self._thread or ThreadPoolExecutor(max_workers=1, thread_name_prefix="writes")
        return self._thread.submit(send)


class Cursor(psycopg2.extensions.cursor):
    """A cursor that sends first, in the same message, what its connection has queued."""

    def execute(self, query: Any, vars: Any = None) -> None:  # noqa: A002 - the driver's name for it
        """Execute a statement behind what is queued; what a rollback would undo at once is not sent at all."""
        if isinstance(query, str) and query.startswith("ROLLBACK TO SAVEPOINT"):
            self.connection.drop_queued()  # the savepoint was sent with all that was queued before it
        if (queued := self.connection.flush()) and self.name:
            self.connection._send(queued)  # the statement becomes part of a DECLARE
        elif queued:
            statement = query if vars is None else self.mogrify(query, vars)
            super().execute(queued + (statement.encode() if isinstance(statement, str) else statement))
            return
        super().execute(query, vars)

    def executemany(self, query: Any, vars_list: Any) -> None:
        """Execute a statement for each set of values."""
        self._flush()
        super().executemany(query, vars_list)

    def copy_expert(self, sql: Any, file: Any, size: int = 8192) -> None:
        """Copy from or to a file."""
        self._flush()
        super().copy_expert(sql, file, size)

    def _flush(self) -> None:
        if queued := self.connection.flush():
            super().execute(queued)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, on such connections."""

    def get_connection_params(self) -> dict[str, Any]:
        """Return how to connect."""
        return {**super().get_connection_params(), "connection_factory": Link, "cursor_factory": Cursor}

    def _set_autocommit(self, autocommit: bool) -> None:
        with self.wrap_database_errors:
            if not autocommit:
                self.connection.begin()
            elif not self.connection.autocommit:
                self.connection.autocommit = True

    def is_usable(self) -> bool:
        """Tell whether the connection works, without a round trip where it can be seen.

        A server that went away has closed its end, so there is something to read on a connection that is idle.
        """
        if self.connection is None or self.connection.closed:
            return False
        status = self.connection.info.transaction_status
        if status in (TRANSACTION_STATUS_INERROR, TRANSACTION_STATUS_UNKNOWN):
            return False
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(super().is_usable()) if readable else True
