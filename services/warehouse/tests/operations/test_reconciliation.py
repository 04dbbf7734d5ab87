from datetime import UTC, datetime, timedelta

import pytest

from shared.db import execute
from shared.testing.messages import deliver, envelope_of
from tests import factories as a
from warehouse.reconciliation import operations, queries, tasks
from warehouse.reconciliation.models import Comparison, LedgerDay

pytestmark = pytest.mark.django_db
AFTER = datetime(2026, 11, 24, 0, 2, tzinfo=UTC)


def statuses():
    return {(row.ledger, row.unit, row.kind): row.status for row in Comparison.objects.all()}


def test_equal_counts_and_sums_match_at_once():
    deliver(a.earned(120), a.earned(420), a.redeemed(-300))
    deliver(
        a.day_totals(
            a.total("points", a.PROGRAMME, "earned", 2, 540), a.total("points", a.PROGRAMME, "redeemed", 1, -300)
        )
    )

    unit = str(a.PROGRAMME)
    assert statuses() == {("points", unit, "earned"): "matched", ("points", unit, "redeemed"): "matched"}


def test_payments_and_wallets_are_compared_by_currency_and_kind():
    deliver(a.captured(12000), a.refunded(2000), a.failed(5), a.wallet_changed(20000))
    deliver(
        a.day_totals(
            a.total("payments", "EUR", "captured", 1, 12000),
            a.total("payments", "EUR", "refunded", 1, 2000),
            a.total("wallets", "EUR", "topup", 1, 20000),
            service="payments",
        )
    )

    assert set(statuses().values()) == {"matched"}
    assert Comparison.objects.count() == 3


def test_a_missing_message_is_found_and_its_arrival_closes_the_difference():
    missing = a.earned(420)
    deliver(a.earned(120))
    deliver(a.day_totals(a.total("points", a.PROGRAMME, "earned", 2, 540)))
    operations.reconcile(days=[a.DAY], at=AFTER)
    found = Comparison.objects.get()

    deliver(missing)
    operations.reconcile(days=queries.open_days(at=AFTER), at=AFTER + timedelta(minutes=5))

    assert (found.status, found.ours_count, found.theirs_count, found.ours_total, found.theirs_total) == (
        "different",
        1,
        2,
        120,
        540,
    )
    closed = Comparison.objects.get()
    assert (closed.status, closed.status_since) == ("matched", AFTER + timedelta(minutes=5))


def test_a_difference_keeps_the_instant_since_when_it_is_one():
    deliver(a.day_totals(a.total("points", a.PROGRAMME, "earned", 2, 540)))
    operations.reconcile(days=[a.DAY], at=AFTER)

    operations.reconcile(days=[a.DAY], at=AFTER + timedelta(hours=1))

    row = Comparison.objects.get()
    assert (row.status, row.status_since, row.compared_at) == ("different", AFTER, AFTER + timedelta(hours=1))


def test_a_fact_that_the_service_does_not_count_is_a_difference():
    deliver(a.earned(120))
    deliver(a.day_totals())

    operations.reconcile(days=[a.DAY], at=AFTER)

    row = Comparison.objects.get()
    assert (row.status, row.ours_count, row.theirs_count) == ("different", 1, 0)


def test_a_days_facts_wait_until_the_service_has_counted_them():
    deliver(a.earned(120))

    operations.reconcile(days=[a.DAY], at=AFTER)

    row = Comparison.objects.get()
    assert (row.status, row.theirs_count, row.totals_as_of) == ("waiting", None, None)


def test_what_was_posted_after_the_count_is_not_held_against_it():
    deliver(a.earned(120), a.earned(420, at=a.NOON + timedelta(minutes=1)))
    deliver(a.day_totals(a.total("points", a.PROGRAMME, "earned", 1, 120), as_of=a.NOON))

    operations.reconcile(days=[a.DAY], at=AFTER)

    row = Comparison.objects.get()
    assert (row.status, row.ours_count) == ("matched", 1)


def test_the_latest_count_stays_in_whatever_order_they_come():
    old = a.day_totals(a.total("points", a.PROGRAMME, "earned", 1, 1), as_of=a.NOON)
    new = a.day_totals(a.total("points", a.PROGRAMME, "earned", 2, 540))

    deliver(new, old)
    deliver(envelope_of(old))

    assert LedgerDay.objects.get().as_of == new.as_of
    assert Comparison.objects.get().theirs_count == 2


def test_a_kind_that_neither_side_knows_any_more_leaves_the_list():
    deliver(a.earned(120))
    operations.reconcile(days=[a.DAY], at=AFTER)
    execute("DELETE FROM fact_points_entry")

    operations.reconcile(days=[a.DAY], at=AFTER)

    assert Comparison.objects.count() == 0


def test_the_frequent_task_looks_at_open_days_and_the_hourly_one_at_all_that_were_counted():
    deliver(a.day_totals(a.total("points", a.PROGRAMME, "earned", 1, 1)))
    Comparison.objects.update(status="different")

    assert tasks.reconcile_open_days() == len(queries.open_days(at=datetime.now(UTC)))
    assert a.DAY in queries.open_days(at=datetime.now(UTC))
    assert tasks.reconcile_recent_days() == len(queries.counted_days(a.DAY, a.DAY))
