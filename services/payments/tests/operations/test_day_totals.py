"""A day's totals cost what was posted since the last time, and are what adding up the day comes to."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction

from payments.books import day_totals as totals
from payments.books.models import DayTotalReach
from shared import clock
from shared.db import rows
from shared.testing.actors import Actor
from shared.testing.reads import rows_read
from tests.factories import INTENTS, by_card, make_payment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop", "wallet")]
# Noon, so that no test begins on one day and ends on the next.
NOON = clock.now().replace(hour=12, minute=0, second=0, microsecond=0)
TODAY = NOON.date()
TOPPED_UP = ("wallets", "topup", 1, 50000)
SOME = [
    ("payments", "captured", 2, 300),
    ("payments", "refunded", 1, 30),
    ("wallets", "payment", 1, -100),
    ("wallets", "refund", 1, 30),
    TOPPED_UP,
]
TWICE = [
    ("payments", "captured", 4, 600),
    ("payments", "refunded", 2, 60),
    ("wallets", "payment", 2, -200),
    ("wallets", "refund", 2, 60),
    TOPPED_UP,
]


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOON):
        yield


def found() -> list[tuple[str, str, int, int]]:
    said = totals.day_totals(TODAY)
    assert {one.unit for one in said} == {"EUR"}
    return [(one.ledger, one.kind, one.count, one.total) for one in said]


def pay_some(member: Actor, merchant: Actor) -> None:
    paid = make_payment(member, 100)
    make_payment(member, 200, tender=by_card())
    given = merchant.post(f"{INTENTS}/{paid['id']}/refunds", {"amount": {"amount": 30, "currency": "EUR"}})
    assert given.status_code == 201


@pytest.mark.parametrize("step", [1, 2, 1000])
def test_what_was_added_up_and_what_was_not_come_to_the_day(
    member: Actor, merchant: Actor, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(totals, "STEP", step)
    pay_some(member, merchant)
    assert found() == SOME

    assert totals.add_up() == 4
    assert found() == SOME
    pay_some(member, merchant)

    assert found() == TWICE
    assert totals.add_up() == 3
    assert found() == TWICE
    assert totals.add_up() == 0
    assert totals.day_totals(TODAY + timedelta(days=1)) == []


@pytest.fixture
def other_connection() -> Iterator[Any]:
    other = connection.copy()
    yield other
    other.close()


def test_what_commits_late_is_not_left_out(member: Actor, other_connection: Any) -> None:
    totals.add_up()
    with other_connection.cursor() as late:
        late.execute("BEGIN; SELECT pg_current_xact_id()")  # begun, and nothing of it to be seen
        make_payment(member, 100)
        assert totals.add_up() == 0
        assert ("payments", "captured", 1, 100) in found()
        late.execute("COMMIT")

    assert totals.add_up() == 1
    assert ("payments", "captured", 1, 100) in found()


def test_where_another_process_adds_up_nothing_is_added_twice(member: Actor, other_connection: Any) -> None:
    with other_connection.cursor() as other:
        other.execute("BEGIN; SELECT pg_advisory_xact_lock(hashtext('payments.day_totals'))")
        assert totals.add_up() == 0
        other.execute("COMMIT")

    assert found() == [TOPPED_UP]
    assert totals.add_up() == 1


def test_a_database_that_counts_from_the_start_again_adds_its_day_up_whole(member: Actor) -> None:
    totals.add_up()
    DayTotalReach.objects.update(last_xid=2**60)
    make_payment(member, 100)

    assert found() == [("payments", "captured", 1, 100), ("wallets", "payment", 1, -100), TOPPED_UP]


def test_a_day_reads_what_is_new_and_none_of_what_was(member: Actor) -> None:
    taken = []
    for times in (3, 30):
        for _ in range(times):
            make_payment(member, 1)
        totals.add_up()
        make_payment(member, 1)
        with transaction.atomic(), rows_read("ledger_transaction", "entry", "account", "payment_intent") as read:
            assert found()
        taken.append(read())

    assert taken == [5, 5]  # the new transaction, its two entries and their accounts
    assert rows("SELECT count(*) FROM ledger_transaction") == [(36,)]
