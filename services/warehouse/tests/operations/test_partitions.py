from datetime import UTC, datetime, timedelta

import pytest

from shared import clock
from shared.db import rows
from shared.testing.messages import deliver
from tests import factories as a
from warehouse.due import DUE
from warehouse.intake.operations import make_partitions
from warehouse.intake.tasks import make_partitions as make_partitions_task

pytestmark = pytest.mark.django_db
TABLES = {
    "staging_message",
    "fact_points_entry",
    "fact_points_rule",
    "fact_tier_change",
    "fact_budget_use",
    "fact_payment_event",
    "fact_wallet_entry",
    "fact_voucher_event",
}


def _parts_of(year_month):
    found = rows(
        "SELECT inhparent::regclass::text FROM pg_inherits WHERE inhrelid::regclass::text LIKE %s", [f"%{year_month}"]
    )
    return {name for (name,) in found}


def test_every_partitioned_table_gets_this_month_and_the_next_three():
    made = make_partitions(at=datetime(2040, 12, 31, tzinfo=UTC))

    assert made == 4 * len(TABLES)
    assert _parts_of("2040_12") == _parts_of("2041_03") == TABLES
    assert _parts_of("2041_04") == set()


def test_making_them_again_makes_none():
    make_partitions(at=datetime(2040, 1, 1, tzinfo=UTC))

    assert make_partitions(at=datetime(2040, 1, 31, tzinfo=UTC)) == 0


def test_rows_that_came_before_their_month_had_a_partition_move_into_it():
    deliver(a.earned(7, at=datetime(2040, 1, 1, tzinfo=UTC)), a.earned(8, at=datetime(2040, 5, 1, tzinfo=UTC)))

    make_partitions(at=datetime(2040, 1, 15, tzinfo=UTC))

    homes = rows("SELECT tableoid::regclass::text, change FROM fact_points_entry ORDER BY change")
    assert homes == [("fact_points_entry_2040_01", 7), ("fact_points_entry_default", 8)]


def test_today_has_partitions_from_the_start():
    assert make_partitions_task() == 0


def test_before_the_test_clock_moves_all_months_on_its_way_have_their_partition():
    at = clock.now()
    make_partitions(at=at)

    [one] = DUE
    one.ahead(at + timedelta(days=400))

    months = {(at + timedelta(days=day)).strftime("%Y_%m") for day in range(401)}
    assert [month for month in sorted(months) if _parts_of(month) != TABLES] == []
    assert (one.run(at), one.next(at), one.ahead(at + timedelta(days=400))) == (0, None, 0)
