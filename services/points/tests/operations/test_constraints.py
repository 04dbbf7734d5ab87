from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from points.ledger import operations
from shared.ids import new_id
from tests.factories import AT, give, hold, make_programme, spend

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


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE hold SET points = points + 1",
        "UPDATE hold SET captured = 1",
        "UPDATE hold SET state = 'captured', captured = points, closed_at = now()",
        "UPDATE hold SET state = 'captured', captured = points + 1, closed_at = now(), capture_id = id",
        "UPDATE hold SET state = 'captured', captured = 1, closed_at = now(), capture_id = id",
        "UPDATE hold SET state = 'voided', closed_at = now()",
        "UPDATE hold SET state = 'lost', closed_at = now(), release_id = id",
        "UPDATE hold SET expires_at = expires_at - interval '1 second'",
        "UPDATE hold SET reference = 'other'",
        "DELETE FROM hold",
        "TRUNCATE hold",
    ],
)
def test_a_hold_cannot_become_what_it_is_not(me: UUID, change: str) -> None:
    give(me, 10)
    hold(me, 10)
    check(change)


@pytest.mark.parametrize("change", ["UPDATE hold SET state = 'held', closed_at = NULL", "UPDATE hold SET captured = 2"])
def test_a_closed_hold_stays_as_it_is(me: UUID, change: str) -> None:
    give(me, 10)
    operations.capture_hold(hold(me, 10).id, points=3, at=AT)
    check(change)


def check(change: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
