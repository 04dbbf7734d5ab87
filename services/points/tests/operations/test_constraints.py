from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from shared.ids import new_id
from tests.factories import give, make_programme, spend

pytestmark = pytest.mark.django_db
ENTRY = "account_id, version, transaction_id, bucket, points, balance_after"


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    return member.id


@pytest.mark.parametrize("table", ["points_transaction", "entry", "allocation", "purchase_return"])
@pytest.mark.parametrize("change", ["UPDATE {} SET points = points + 1", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_what_is_posted_cannot_be_changed(me: UUID, table: str, change: str) -> None:
    give(me, 10)
    spend(me, 5)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO purchase (payment_id, member_id, amount, points, returned, points_returned)"
            " VALUES (%(id)s, %(id)s, 1, 0, 0, 0);"
            "INSERT INTO purchase_return (refund_id, payment_id, amount, points, returned_at)"
            " VALUES (%(id)s, %(id)s, 1, 0, now());"
            "SET CONSTRAINTS ALL IMMEDIATE",
            {"id": new_id()},
        )

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change.format(table))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE account SET available = available + 1",
        "UPDATE account SET available = available - 1",
        "UPDATE account SET available = -1, issued = 1",
        "UPDATE account SET deficit = 1, issued = issued - 1",
        "UPDATE account SET held = -1, available = available + 1",
        "UPDATE lot SET remaining = points + 1",
        "UPDATE lot SET remaining = -1",
        f"INSERT INTO entry ({ENTRY}) SELECT account_id, version + 100, transaction_id, bucket, 0, 0 FROM entry",
        f"INSERT INTO entry ({ENTRY}) SELECT account_id, version + 100, transaction_id, 'purse', 1, 1 FROM entry",
        "INSERT INTO entry SELECT * FROM entry",
        "INSERT INTO account (programme_id, member_id, available, held, pending, deficit, issued, redeemed, expired,"
        " adjusted, returned, version) SELECT programme_id, member_id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM account",
    ],
)
def test_the_database_refuses_a_wrong_state(me: UUID, change: str) -> None:
    give(me, 10)

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
