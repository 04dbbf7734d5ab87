"""A day's totals cost what was posted since the last time, and are what adding up the day comes to."""

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction

from points.ledger import day_totals as totals
from points.ledger import operations
from points.ledger.models import DayTotalReach
from points.ledger.rules.earnings import Wait
from points.programmes.queries import default_programme
from shared.contracts.totals import Total
from shared.db import rows
from shared.ids import new_id
from shared.testing.reads import rows_read
from tests.factories import AT, give, hold, make_programme, spend

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date(2026, 3, 1)


@pytest.fixture
def me() -> UUID:
    make_programme()
    return new_id()


def of(kind: str, count: int, points: int) -> Total:
    return Total(ledger="points", unit=str(default_programme().id), kind=kind, count=count, total=points)


def post_some(member_id: UUID) -> None:
    give(member_id, 100)
    give(member_id, 40, wait=Wait(in_days=9))
    spend(member_id, 30)
    operations.void_hold(hold(member_id, 5).id, at=AT)
    give(member_id, 7, at=AT + timedelta(days=1))


SOME = [("earned", 1, 100), ("pending", 1, 0), ("redeemed", 1, -30)]


@pytest.mark.parametrize("step", [1, 2, 1000])
def test_what_was_added_up_and_what_was_not_come_to_the_day(
    me: UUID, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(totals, "STEP", step)
    post_some(me)
    assert totals.day_totals(TODAY) == [of(*one) for one in SOME]

    added = totals.add_up()
    assert totals.day_totals(TODAY) == [of(*one) for one in SOME]
    post_some(me)

    assert totals.day_totals(TODAY) == [of(kind, 2 * count, 2 * points) for kind, count, points in SOME]
    assert totals.add_up() == added == 6
    assert totals.day_totals(TODAY) == [of(kind, 2 * count, 2 * points) for kind, count, points in SOME]
    assert totals.day_totals(TODAY + timedelta(days=1)) == [of("earned", 2, 14)]
    assert totals.add_up() == 0


@pytest.fixture
def other_connection() -> Iterator[object]:
    other = connection.copy()
    yield other
    other.close()


def test_what_commits_late_is_not_left_out(me: UUID, other_connection: object) -> None:
    give(me, 1)
    with other_connection.cursor() as late:  # type: ignore[attr-defined]
        late.execute("BEGIN; SELECT pg_current_xact_id()")  # begun, and nothing of it to be seen
        give(me, 10)
        assert totals.add_up() == 1
        assert totals.day_totals(TODAY) == [of("earned", 2, 11)]
        late.execute("COMMIT")

    assert totals.add_up() == 1
    assert totals.day_totals(TODAY) == [of("earned", 2, 11)]


def test_where_another_process_adds_up_nothing_is_added_twice(me: UUID, other_connection: object) -> None:
    give(me, 1)
    with other_connection.cursor() as other:  # type: ignore[attr-defined]
        other.execute("BEGIN; SELECT pg_advisory_xact_lock(hashtext('points.day_totals'))")
        assert totals.add_up() == 0
        other.execute("COMMIT")

    assert totals.day_totals(TODAY) == [of("earned", 1, 1)]
    assert totals.add_up() == 1


def test_a_database_that_counts_from_the_start_again_adds_its_day_up_whole(me: UUID) -> None:
    give(me, 1)
    totals.add_up()
    DayTotalReach.objects.update(last_xid=2**60)
    give(me, 10)

    assert totals.day_totals(TODAY) == [of("earned", 2, 11)]


def test_a_day_reads_what_is_new_and_none_of_what_was(me: UUID) -> None:
    taken = []
    for times in (3, 30):
        for _ in range(times):
            give(me, 1)
        totals.add_up()
        give(me, 1)
        with transaction.atomic(), rows_read("points_transaction", "account") as read:
            assert totals.day_totals(TODAY)
        taken.append(read())

    assert taken == [2, 2]  # the new transaction and its account
    assert rows("SELECT count(*) FROM points_transaction") == [(35,)]
