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
POSTED_BY_FUNCTION = ("points_transaction", "entry", "allocation")
KEPT = ("purchase_return", "adjustment_request", "adjustment_decision")


ATTEMPTS = {
    "change a return": "UPDATE purchase_return SET points = 0",
    "change a request": "UPDATE adjustment_request SET points = 1",
    "change a decision": "UPDATE adjustment_decision SET state = 'rejected'",
    **{f"remove from {table}": f"DELETE FROM {table}" for table in KEPT},
    **{f"empty {table}": f"TRUNCATE {table} CASCADE" for table in KEPT},
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
        [web, [*POSTED_BY_FUNCTION, *KEPT, "account", "lot"]],
    )

    written = dict.fromkeys((*POSTED_BY_FUNCTION, "account", "lot"), "SELECT")
    assert dict(granted) == dict.fromkeys(KEPT, "INSERT SELECT") | written
    by_column = rows(
        "SELECT table_name::text, privilege_type::text, string_agg(column_name, ' ' ORDER BY column_name)"
        " FROM information_schema.column_privileges WHERE grantee = %s AND table_name = ANY(%s)"
        " AND privilege_type <> 'SELECT' GROUP BY 1, 2 ORDER BY 1, 2",
        [web, [*POSTED_BY_FUNCTION, "account", "lot"]],
    )
    assert by_column == [
        ("account", "INSERT", "member_id merged_into programme_id"),
        ("account", "UPDATE", "merged_into"),
        ("lot", "UPDATE", "expires_at expires_on"),
    ]
