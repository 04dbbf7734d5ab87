"""What the role of the web and the workers cannot do, whoever speaks for it: each attempt is refused, nothing moved."""

from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction

from points.ledger import operations
from points.ledger.proofs import differences
from shared.db import execute, rows
from shared.ids import new_id
from shared.testing.proofs import nothing_written
from tests.factories import AT, give, hold, make_programme, spend

pytestmark = pytest.mark.django_db
KEPT = ("points_transaction", "entry", "allocation", "purchase_return", "adjustment_request", "adjustment_decision")
POSTED = "SELECT id, account_id, version FROM points_transaction LIMIT 1"
COLUMNS = "id, account_id, version, kind, points, change, balance_after, reference, reason, occurred_at, posted_at"
NEW_TRANSACTION = f"""
INSERT INTO points_transaction ({COLUMNS})
SELECT gen_random_uuid(), id, version + %(step)s, 'earned', %(points)s, 0, 0, '', '', now(), now() FROM account
RETURNING *
"""
FORGED = f"""
WITH t AS ({NEW_TRANSACTION}), e AS (
    INSERT INTO entry (account_id, version, transaction_id, bucket, points, balance_after)
    SELECT t.account_id, t.version + v.n, t.id, v.bucket, v.points, 0
    FROM t, (VALUES %(entries)s) AS v (n, bucket, points)
) UPDATE account SET version = version + %(step)s
"""


def new_transaction(*, step: int = 1, points: int = 5) -> str:
    return NEW_TRANSACTION % {"step": step, "points": points}


def forged(entries: str, *, step: int = 2) -> str:
    """A transaction as somebody would forge it, with these entries: number from its last on, bucket, points."""
    return FORGED % {"step": step, "points": 5, "entries": entries}


ATTEMPTS = {
    "change a transaction": "UPDATE points_transaction SET reason = 'x'",
    "change an entry": "UPDATE entry SET points = points + 1",
    "change an allocation": "UPDATE allocation SET points = points + 1",
    "change a return": "UPDATE purchase_return SET points = 0",
    "change a request": "UPDATE adjustment_request SET points = 1",
    "change a decision": "UPDATE adjustment_decision SET state = 'rejected'",
    **{f"remove from {table}": f"DELETE FROM {table}" for table in (*KEPT, "account", "lot", "hold", "programme")},
    **{f"empty {table}": f"TRUNCATE {table} CASCADE" for table in (*KEPT, "account", "lot", "hold", "programme")},
    "make the available points negative": "UPDATE account SET available = -1, issued = issued + available + 1",
    "make the held points negative": "UPDATE account SET held = -1, available = available + held + 1",
    "make the pending points negative": "UPDATE account SET pending = -1, available = available + 1",
    "make a debt positive": "UPDATE account SET deficit = 1, available = available - 1",
    "break an account's sum": "UPDATE account SET available = available + 1",
    "move points without entries": "UPDATE account SET available = available + 5, issued = issued - 5",
    "leave a gap in the numbers": "UPDATE account SET version = version + 1",
    "go back in the numbers": "UPDATE account SET version = version - 1",
    "post entries that leave a gap": forged("(0, 'available', 5), (-2, 'issued', -5)", step=3),
    "post an entry with a number that is taken": forged("(0, 'available', 5), (-2, 'issued', -5)"),
    "post entries that do not sum to zero": forged("(0, 'available', 5), (-1, 'issued', -4)"),
    "post entries that the account does not follow": forged("(0, 'available', 5), (-1, 'issued', -5)"),
    "post entries of an unknown bucket": forged("(0, 'purse', 5), (-1, 'issued', -5)"),
    "post an entry that moves nothing": forged("(0, 'available', 0), (-1, 'issued', 0)"),
    "post a transaction of no points": new_transaction(points=0),
    "post a transaction without entries": new_transaction(),
    "add an entry to a posted transaction": "INSERT INTO entry (account_id, version, transaction_id, bucket, points,"
    f" balance_after) SELECT account_id, version + 100, id, 'available', 1, 1 FROM ({POSTED}) t",
    "leave more in a lot than came": "UPDATE lot SET remaining = points + 1",
    "leave less than nothing in a lot": "UPDATE lot SET remaining = -1",
    "let a lot grow": "UPDATE lot SET points = points + 1, remaining = remaining + 1",
    "give a lot to another account": "UPDATE lot SET account_id = account_id + 1",
    "open a lot for which nothing was posted": "INSERT INTO lot"
    " (id, account_id, number, points, remaining, active_from)"
    " SELECT gen_random_uuid(), account_id, 1, 5, 5, now() FROM lot LIMIT 1",
    "open an account in no programme": "INSERT INTO account (programme_id, member_id, available, held, pending,"
    " deficit, issued, redeemed, expired, adjusted, returned, version)"
    " SELECT gen_random_uuid(), member_id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM account",
    "give a programme another id": "UPDATE programme SET id = gen_random_uuid()",
    "switch a trigger off": "ALTER TABLE entry DISABLE TRIGGER USER",
    "drop a trigger": "DROP TRIGGER entry_append_only ON entry",
    "drop a constraint": "ALTER TABLE account DROP CONSTRAINT account_once",
    "replace what a trigger does": "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
    " 'BEGIN RETURN NULL; END'",
    "add a trigger": "CREATE TRIGGER mine BEFORE INSERT ON entry FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "add a rule": "CREATE RULE mine AS ON INSERT TO entry DO INSTEAD NOTHING",
    "play a replica, which fires no triggers": "SET session_replication_role = replica",
    "drop a table": "DROP TABLE entry CASCADE",
    "own a table": "ALTER TABLE entry OWNER TO CURRENT_USER",
    "make a table": "CREATE TABLE mine (id int)",
    "run a program": "COPY programme TO PROGRAM 'cat'",
    "read a file": "COPY programme FROM '/etc/passwd'",
}


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    give(member.id, 100)
    spend(member.id, 30)
    hold(member.id, 10)
    operations.reverse_transaction(spend(member.id, 5).id, reason="r", actor_id=new_id(), at=AT)
    return member.id


@pytest.fixture
def web(me: UUID) -> str:
    """The role that the service's web and workers have, as every test has."""
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    ((role,),) = rows("SELECT current_user::text")
    return str(role)


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_the_web_role_cannot(web: str, attempt: str) -> None:
    with nothing_written(), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attempt)

    assert differences() == []


def test_the_web_role_has_the_rights_it_needs_and_no_more(web: str) -> None:
    granted = rows(
        "SELECT table_name::text, string_agg(privilege_type, ' ' ORDER BY privilege_type) FROM"
        " information_schema.role_table_grants WHERE grantee = %s AND table_name = ANY(%s) GROUP BY 1 ORDER BY 1",
        [web, [*KEPT, "account", "lot"]],
    )

    assert {table: rights for table, rights in granted if table in KEPT} == dict.fromkeys(KEPT, "INSERT SELECT")
    assert not any("TRUNCATE" in rights or "TRIGGER" in rights or "REFERENCES" in rights for _, rights in granted)


# What a database cannot know while it is written: the proof names it.
UNKNOWABLE = {
    "a lot that lost points to nothing": (
        "UPDATE lot SET remaining = remaining - 1 WHERE remaining > 1",
        {"open lots hold the available points", "a lot lost what was taken from it"},
    ),
    "an allocation that took from nothing": (
        "INSERT INTO allocation (transaction_id, lot_id, points) SELECT t.id, l.id, 1 FROM lot l"
        " JOIN points_transaction t ON t.account_id = l.account_id AND t.kind = 'earned' LIMIT 1",
        {"a lot lost what was taken from it", "lots moved as the available points did"},
    ),
}


@pytest.mark.parametrize(("change", "laws"), UNKNOWABLE.values(), ids=UNKNOWABLE)
def test_what_the_web_role_can_spoil_is_named_by_the_proof(web: str, change: str, laws: set[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(change)

    assert laws == {difference.law for difference in differences()}
