"""Writes that the server works on while this process goes on: the same transactions as ever."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from shared.db import Prepared, rows, start_writes
from tests.project.notes.models import Note

# The blocks under `raises` are transactions: what is asked is what becomes of them as a whole.
# ruff: noqa: PT012
pytestmark = pytest.mark.django_db(transaction=True)
_NOTE = Prepared("started_note", "INSERT INTO note (text) VALUES (%(text)s::text)")
_NUMBERED = Prepared("started_numbered", "INSERT INTO note (id, text) VALUES (%(id)s::bigint, 'numbered')")
_NOTES_AND_WRITERS = """
SELECT count(*), (SELECT count(*) FROM pg_locks WHERE relation = 'note'::regclass AND mode = 'RowExclusiveLock')
FROM note
"""
_WAIT = Prepared("started_wait", "SELECT pg_advisory_xact_lock(4711)")


@pytest.fixture
def gate() -> Iterator[Any]:
    """Another session, which holds what `_WAIT` waits for."""
    connection.ensure_connection()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(4711)")
    yield other
    other.close()


def texts() -> list[str]:
    return list(Note.objects.order_by("id").values_list("text", flat=True))


def start(text: str) -> None:
    _NOTE.later({"text": text})
    start_writes()


def test_this_process_goes_on_while_the_server_works(gate: Any) -> None:
    start("before")  # what is prepared while the server works waits for it

    with transaction.atomic():
        _WAIT.later({})
        start_writes()
        for text in ("a", "b"):
            start(text)
        with gate.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(4711)")

    assert texts() == ["before", "a", "b"]


def test_what_follows_sees_what_was_started() -> None:
    with transaction.atomic():
        start("a")
        _NOTE.later({"text": "b"})
        assert texts() == ["a", "b"]
        start("c")

    assert texts() == ["a", "b", "c"]


def test_a_rollback_undoes_what_was_started() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        start("a")
        raise ZeroDivisionError

    assert texts() == []
    assert connection.connection.info.transaction_status == 0


def test_the_first_refusal_is_raised_by_the_commit_and_nothing_stays() -> None:
    note = Note.objects.create(text="first")

    with pytest.raises(IntegrityError, match="note_pkey"):
        _start_a_refused_one_among_others(note.id)

    assert texts() == ["first"]
    assert rows("SELECT 1") == [(1,)]


def test_a_savepoint_that_is_refused_takes_all_of_its_own_back_and_no_more() -> None:
    note = Note.objects.create(text="first")

    with transaction.atomic():
        start("kept")
        with pytest.raises(IntegrityError, match="note_pkey"):
            _start_a_refused_one_among_others(note.id)
        start("after")

    assert texts() == ["first", "kept", "after"]


def _start_a_refused_one_among_others(taken: int) -> None:
    with transaction.atomic():
        start("a")
        _NUMBERED.later({"id": taken})
        start_writes()
        for number in range(20):
            start(f"never {number}")


def test_a_savepoint_that_is_left_takes_back_what_was_started_in_it() -> None:
    with transaction.atomic():
        start("kept")
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            start("dropped")
            raise ZeroDivisionError
        start("after")

    assert texts() == ["kept", "after"]


def test_without_writes_there_is_nothing_to_start() -> None:
    with transaction.atomic():
        start_writes()
        assert connection.connection.info.transaction_status == 0
        start("a")

    start_writes()
    assert texts() == ["a"]


def test_what_is_started_waits_where_it_is_told_to(gate: Any) -> None:
    seen = []

    def look() -> None:
        with gate.connection.cursor() as cursor:
            cursor.execute(_NOTES_AND_WRITERS)
            seen.append(cursor.fetchone())

    start("prepared before")
    with transaction.atomic():
        with connection.connection.writes_after(look):
            start("a")
        start("b")

    assert seen == [(1, 0)]
    assert texts() == ["prepared before", "a", "b"]


def test_what_waits_in_vain_is_not_written() -> None:
    def refuse() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), transaction.atomic(), connection.connection.writes_after(refuse):
        start("a")
        rows("SELECT 1")

    assert texts() == []


def test_a_refusal_of_what_was_started_is_raised_also_where_something_is_prepared() -> None:
    taken = Note.objects.create(text="taken").id
    fresh = Prepared("started_too_late", "INSERT INTO note (text) VALUES (%(text)s::text || '!')")

    with pytest.raises(IntegrityError), transaction.atomic():
        start("a")
        _NUMBERED.later({"id": taken})
        start_writes()
        fresh.later({"text": "never"})

    assert texts() == ["taken"]
