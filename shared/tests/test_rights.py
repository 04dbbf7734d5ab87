"""Which rights a service needs is derived from its code; each fault that is planted there is named."""

import sys
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction

from shared.db import execute, rows
from shared.testing import owner, plugin
from shared.testing.owner import as_owner
from shared.testing.proofs import race
from shared.testing.rights import missing_rights
from shared.testing.rights.statements import Known, Need, Unread, needs

KNOWN = Known({"note", "outbox", "published_message"}, {"rendered"})


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The source of a package that is looked at, and forgotten afterwards."""
    folder = tmp_path / "planted"
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [name for name in sys.modules if name.partition(".")[0] == "planted"]:
        monkeypatch.delitem(sys.modules, name)
    return folder / "operations.py"


IMPORTS = """
from django.db.models import QuerySet
from shared.db import Prepared, execute, rows
from tests.project.notes.models import Note
"""
FAULTS = {
    # An adjustment could not be approved: its row was locked, and nobody may change it.
    "a lock of an append-only row": (
        'def lock(id):\n    return rows("SELECT id FROM note WHERE id = %s FOR NO KEY UPDATE", [id])',
        "LOCK ROWS on note",
    ),
    "a lock by another name": (
        'LOCK = Prepared("a", "SELECT n.id FROM outbox o JOIN note n ON true FOR SHARE OF n")',
        "LOCK ROWS on note",
    ),
    "a lock by the ORM": ("def lock(id):\n    return Note.objects.select_for_update().get(id=id)", "LOCK ROWS on note"),
    "a change": ('CHANGE = "UPDATE note SET text = %s"', "UPDATE on note (text)"),
    "a change within": (
        'CHANGE = "WITH a AS (UPDATE note n SET text = 1 RETURNING id) SELECT 1"',
        "UPDATE on note (text)",
    ),
    "an upsert": (
        'UPSERT = "INSERT INTO note AS n (id, text) VALUES (1, %s) ON CONFLICT (id) DO UPDATE SET text = n.text"',
        "UPDATE on note (text)",
    ),
    "a removal from a table by name": (
        'TABLE = "note"\ndef remove():\n    execute(f"DELETE FROM {TABLE} WHERE id = 1")',
        "DELETE on note",
    ),
    "a row that is saved": (
        'def change(note: Note) -> None:\n    note.save(update_fields=["text"])',
        "UPDATE on note (text)",
    ),
    "rows that are changed": (
        "def found() -> QuerySet[Note]:\n    return Note.objects.all()\n"
        'def change():\n    those = found()\n    those.exclude(id=1).update(text="x")',
        "UPDATE on note (text)",
    ),
    "a lock of a table": ('LOCK = "LOCK TABLE note IN SHARE MODE"', "LOCK TABLE on note"),
    "a table that is emptied": ('EMPTY = "TRUNCATE outbox"', "TRUNCATE on outbox"),
}


@pytest.mark.django_db
@pytest.mark.parametrize(("code", "lacking"), FAULTS.values(), ids=FAULTS)
def test_a_right_that_is_lacking_is_named_with_its_place(planted: Path, code: str, lacking: str) -> None:
    planted.write_text(IMPORTS + code)

    (said,) = missing_rights("planted")

    assert said.startswith(lacking)
    assert "planted.operations" in said


@pytest.mark.django_db
def test_a_trigger_that_a_write_fires_needs_its_rights_as_well(planted: Path) -> None:
    planted.write_text(IMPORTS + 'ADD = "INSERT INTO outbox (message_id) VALUES (%s)"')
    assert missing_rights("planted") == []
    as_owner(
        "CREATE FUNCTION marks_notes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " UPDATE note SET text = 'x'; RETURN NULL; END $$;"
        "CREATE TRIGGER marks_notes AFTER INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION marks_notes()"
    )

    assert missing_rights("planted") == ["UPDATE on note (text): marks_notes"]


@pytest.mark.django_db
def test_a_function_that_nobody_may_call_is_named(planted: Path) -> None:
    planted.write_text(IMPORTS + 'CALL = "SELECT rendered(%s) FROM outbox"')
    assert missing_rights("planted") == []
    ((role,),) = rows("SELECT quote_ident(current_user)")
    as_owner(f"REVOKE EXECUTE ON FUNCTION rendered FROM {role}")

    (said,) = missing_rights("planted")
    assert said.startswith("EXECUTE on rendered")


UNREADABLE = {
    "a table that comes later": 'def remove(table):\n    execute(f"DELETE FROM {table} WHERE id = 1")',
    "a statement in two pieces": 'def lock(what):\n    return rows(what + " FOR NO KEY UPDATE")',
    "an unknown table": 'CHANGE = "UPDATE unknown SET text = 1"',
    "small letters": 'CHANGE = "update note set text = 1"',
    "a copy": 'COPY = "COPY note FROM STDIN"',
    "a table that is made": 'MAKE = "CREATE TABLE mine (id int)"',
    "a statement within a text": "RUN = \"DO 'BEGIN DELETE FROM note; END'\"",
    "what a call hides": 'HIDDEN = len("DELETE FROM note")',
    "nobody knows whose row": "def change(it):\n    it.save()",
}


@pytest.mark.django_db
@pytest.mark.parametrize("code", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_an_error_and_not_passed_over(planted: Path, code: str) -> None:
    planted.write_text(IMPORTS + code)

    with pytest.raises(AssertionError):
        missing_rights("planted")


def test_what_a_statement_needs_is_read_with_its_columns() -> None:
    sql = """
    -- A comment may say DELETE FROM note.
    WITH published AS (
        INSERT INTO published_message AS t (message_id, "name")
        SELECT id, 'UPDATE' FROM unnest(%(ids)s::uuid[]) AS i (id)
        ON CONFLICT (message_id) DO UPDATE SET name = excluded.name, version = 1 RETURNING message_id
    ) DELETE FROM outbox USING published WHERE outbox.message_id = published.message_id
    """

    assert needs(sql, KNOWN) == {
        Need("published_message", "INSERT", frozenset({"message_id", "name"})),
        Need("published_message", "UPDATE", frozenset({"name", "version"})),
        Need("published_message", "SELECT"),
        Need("outbox", "DELETE"),
        Need("outbox", "SELECT"),
    }


def test_a_statement_that_a_function_puts_together_and_runs_is_read_as_well() -> None:
    sql = "BEGIN EXECUTE format('UPDATE note SET text = ''x'', at = %L WHERE id = %s', at, id); END"

    assert needs(sql, KNOWN) == {Need("note", "UPDATE", frozenset({"text", "at"})), Need("note", "SELECT")}
    with pytest.raises(Unread, match="there is no such table"):
        needs("BEGIN EXECUTE format('DELETE FROM %I', name); END", KNOWN)
    with pytest.raises(Unread, match="a statement within a text"):
        needs("BEGIN EXECUTE replace('DELETE FROM note', 'note', name); END", KNOWN)


def test_a_lock_without_a_table_is_not_understood() -> None:
    with pytest.raises(Unread, match="a lock of no table"):
        needs("SELECT 1 FOR UPDATE", KNOWN)


@pytest.mark.django_db
def test_every_test_has_the_role_that_serves_and_the_owner_is_asked_by_name() -> None:
    ((session, current),) = rows("SELECT session_user::text, current_user::text")

    assert (session, current) == ("points", "points")
    with pytest.raises(DatabaseError, match="must be owner"), transaction.atomic():
        execute("ALTER TABLE note DISABLE TRIGGER USER")
    assert as_owner("ALTER TABLE note DISABLE TRIGGER USER") == 0


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["ANALYZE note", "GRANT DELETE ON note TO PUBLIC", "BEGIN"])
def test_a_test_in_which_a_statement_did_nothing_and_the_server_only_warned_fails(statement: str) -> None:
    running = plugin.pytest_runtest_call()
    next(running)
    execute(statement)

    with pytest.raises(pytest.fail.Exception, match="WARNING"):
        running.send(None)

    assert owner.warnings() == []


@pytest.mark.django_db(transaction=True)
def test_threads_have_the_role_that_serves_too() -> None:
    assert race(2, lambda _: rows("SELECT session_user::text")) == [[("points",)]] * 2


@pytest.mark.django_db
def test_the_role_that_serves_makes_no_tables_not_even_for_a_while() -> None:
    for statement in ("CREATE TABLE mine (id int)", "CREATE TEMPORARY TABLE mine (id int)"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            execute(statement)


@pytest.mark.django_db
def test_the_role_that_serves_has_the_rights_that_shared_needs() -> None:
    assert missing_rights("shared") == []
