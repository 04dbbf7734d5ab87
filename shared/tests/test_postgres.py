"""The database backend: fewer round trips, and the same transactions as ever."""

import select
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from shared.db import Prepared, answer_of_commit, rows
from shared.postgres.base import Cursor
from shared.testing.owner import as_owner
from tests.project.notes.models import Note

# The blocks under `raises` are transactions: what is asked is what becomes of them as a whole.
# ruff: noqa: PT012
pytestmark = pytest.mark.django_db(transaction=True)
_NOTE = Prepared("test_note", "INSERT INTO note (text) VALUES (%(text)s::text)")
_BAD = Prepared("test_bad", "INSERT INTO note (id, text) VALUES (%(id)s::bigint, 'twice')")
_ANSWERING = Prepared("test_note_returned", "INSERT INTO note (text) VALUES (%(text)s::text) RETURNING text")
_REFUSED_AT_COMMIT = """
CREATE FUNCTION refuse_late() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('test.late', true) = 'on' THEN RAISE EXCEPTION 'late' USING ERRCODE = '23514'; END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER refused_late AFTER INSERT ON note DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION refuse_late();
"""


@pytest.fixture
def sent(monkeypatch) -> list[bytes]:
    """What goes over the wire, message by message."""
    connection.ensure_connection()
    messages: list[bytes] = []

    class Recording(Cursor):
        def execute(self, query, vars=None):  # noqa: A002 - the driver's name for it
            messages.append(b"".join(self.connection._queued) + (query if isinstance(query, bytes) else query.encode()))
            return super().execute(query, vars)

    monkeypatch.setattr(connection.connection, "cursor_factory", Recording)
    return messages


def texts() -> list[str]:
    return list(Note.objects.order_by("id").values_list("text", flat=True))


def test_begin_goes_with_the_first_statement_and_writes_with_the_commit(sent):
    with transaction.atomic():
        rows("SELECT 1")
        _NOTE.later({"text": "a"})
        _NOTE.later({"text": "b"})

    real = [message for message in sent if not message.startswith(b"PREPARE") and b"PREPARE" not in message]
    assert real[0] == b"BEGIN;SELECT 1"
    assert real[-1].count(b"EXECUTE test_note_0") == 2
    assert real[-1].endswith(b"COMMIT")
    assert len(real) == 2
    assert texts() == ["a", "b"]


def test_a_transaction_without_statements_is_never_opened(sent):
    with transaction.atomic():
        pass

    assert sent == []


def test_a_transaction_of_which_nothing_was_sent_is_one_message(sent):
    warm = {"text": "warm"}
    _NOTE.execute(warm)
    sent.clear()
    with transaction.atomic():
        _NOTE.later({"text": "a"})
        _NOTE.later({"text": "b"})

    [message] = sent
    assert message.count(b"EXECUTE test_note_0") == 2
    assert b"BEGIN" not in message
    assert b"COMMIT" not in message
    assert connection.connection.info.transaction_status == 0
    assert texts() == ["warm", "a", "b"]


def test_of_one_message_all_is_kept_or_nothing():
    taken = Note.objects.create(text="taken").id
    with pytest.raises(IntegrityError), transaction.atomic():
        _NOTE.later({"text": "before"})
        _BAD.later({"id": taken})
        _NOTE.later({"text": "after"})

    assert texts() == ["taken"]
    assert connection.connection.info.transaction_status == 0
    with transaction.atomic():
        _NOTE.later({"text": "next"})
    assert texts() == ["taken", "next"]


def test_what_one_message_would_break_at_its_end_is_refused():
    late = Prepared("test_note_refused_late", "SELECT set_config('test.late', 'on', true)")
    as_owner(_REFUSED_AT_COMMIT)
    try:
        with pytest.raises(IntegrityError), transaction.atomic():
            late.later({})
            _NOTE.later({"text": "a"})
        assert texts() == []
    finally:
        as_owner("DROP TRIGGER refused_late ON note; DROP FUNCTION refuse_late()")


def test_the_last_statement_s_row_comes_with_the_commit():
    with transaction.atomic():
        _NOTE.later({"text": "a"})
        _ANSWERING.later({"text": "b"}, is_returning=True)

    assert answer_of_commit() == ("b",)
    assert answer_of_commit() is None


def test_a_row_that_nobody_took_is_not_the_next_transaction_s():
    with transaction.atomic():
        _ANSWERING.later({"text": "a"}, is_returning=True)
    with transaction.atomic():
        _NOTE.later({"text": "b"})
        assert answer_of_commit() is None

    assert answer_of_commit() is None


@pytest.mark.parametrize("is_first", [True, False], ids=["something was sent before", "something follows"])
def test_a_row_that_did_not_come_with_the_commit_has_to_be_looked_for(is_first):
    with transaction.atomic():
        if is_first:
            rows("SELECT 1")
        _ANSWERING.later({"text": "a"}, is_returning=True)
        if not is_first:
            _ANSWERING.later({"text": "b"})

    assert answer_of_commit() is None
    assert texts()[0] == "a"


def test_what_follows_sees_the_writes_before_it():
    with transaction.atomic():
        _NOTE.later({"text": "a"})
        assert texts() == ["a"]


def test_a_rollback_drops_what_was_not_sent():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        _NOTE.later({"text": "a"})
        raise ZeroDivisionError

    assert texts() == []
    assert connection.connection.info.transaction_status == 0


def test_a_rollback_undoes_what_was_sent():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        _NOTE.later({"text": "a"})
        assert texts() == ["a"]
        raise ZeroDivisionError

    assert texts() == []


def test_a_savepoint_takes_back_only_its_own_writes():
    with transaction.atomic():
        _NOTE.later({"text": "kept"})
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            _NOTE.later({"text": "dropped"})
            raise ZeroDivisionError
        _NOTE.later({"text": "kept too"})

    assert texts() == ["kept", "kept too"]


def test_a_savepoint_that_is_taken_back_sends_nothing_of_what_came_after_it():
    note = Note.objects.create(text="first")

    with transaction.atomic():
        _NOTE.later({"text": "kept"})
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            _BAD.later({"id": note.id})  # sent, it would be refused, and the refusal would hide what went wrong
            raise ZeroDivisionError
        _NOTE.later({"text": "after"})

    assert texts() == ["first", "kept", "after"]


def test_a_refused_write_is_raised_by_the_commit_and_nothing_stays():
    note = Note.objects.create(text="first")

    with pytest.raises(IntegrityError), transaction.atomic():
        _NOTE.later({"text": "with it"})
        _BAD.later({"id": note.id})

    assert texts() == ["first"]
    assert rows("SELECT 1") == [(1,)]


def test_a_refused_write_in_a_savepoint_is_raised_by_its_end():
    note = Note.objects.create(text="first")

    with transaction.atomic():
        with pytest.raises(IntegrityError), transaction.atomic():
            _BAD.later({"id": note.id})
        _NOTE.later({"text": "after"})

    assert texts() == ["first", "after"]


def test_outside_a_transaction_a_write_is_done_at_once():
    _NOTE.later({"text": "a"})

    assert connection.connection._queued == []
    assert texts() == ["a"]


def test_percent_signs_and_quotes_arrive_as_they_are():
    with transaction.atomic():
        _NOTE.later({"text": "100 % 'sure' %s \\ ümlaut"})

    assert texts() == ["100 % 'sure' %s \\ ümlaut"]


def test_many_values_and_copies_come_after_the_writes_before_them():
    import io

    with transaction.atomic(), connection.cursor() as cursor:
        _NOTE.later({"text": "a"})
        cursor.executemany("INSERT INTO note (text) VALUES (%s)", [["b"], ["c"]])
        _NOTE.later({"text": "d"})
        cursor.copy_expert("COPY note (text) FROM STDIN", io.StringIO("e\n"))

    assert texts() == ["a", "b", "c", "d", "e"]


def test_a_server_side_cursor_reads_what_was_written_before_it():
    with transaction.atomic():
        _NOTE.later({"text": "a"})
        assert [note.text for note in Note.objects.iterator(chunk_size=1)] == ["a"]
    assert [note.text for note in Note.objects.iterator(chunk_size=1)] == ["a"]


def test_a_link_that_the_server_closed_is_noticed_without_a_round_trip():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    assert connection.is_usable()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    other.close()
    select.select([connection.connection], [], [], 10)

    assert not connection.is_usable()
    connection.close()


def test_a_failed_transaction_is_not_usable():
    with connection.cursor() as cursor, pytest.raises(DatabaseError):
        cursor.execute("BEGIN")
        cursor.execute("SELECT 1/0")
    assert not connection.is_usable()
    connection.close()


def test_uuids_are_read_as_ever_alone_in_lists_and_not_at_all():
    some = [UUID(int=0), UUID(int=2**128 - 1), uuid4()]

    (one, many, none, nones), = rows("SELECT %s::uuid, %s::uuid[], NULL::uuid, ARRAY[NULL, %s]::uuid[]",
                                     [some[2], some, some[1]])  # fmt: skip

    assert (one, many, none, nones) == (some[2], some, None, [None, some[1]])
    assert {type(found) for found in (one, *many)} == {UUID}
