"""Totals follow the facts to the cent, and reports cost the same whatever number of facts they sum up."""

from collections.abc import Callable
from datetime import UTC, date, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest

from shared.db import execute, rows
from shared.testing.fillings import at_any_size
from shared.testing.messages import deliver
from shared.testing.owner import as_owner
from shared.testing.reads import rows_read
from tests import factories as a
from warehouse.facts.operations import rebuild_facts
from warehouse.reconciliation.queries import ours
from warehouse.reports.queries import payment_volume, points_flow
from warehouse.reports.rules import midnight, periods

pytestmark = pytest.mark.django_db
OF_FACTS = """
SELECT 'points' AS ledger, '' AS unit, programme_key AS about, kind, count(*), sum(change)::bigint
FROM fact_points_entry GROUP BY 1, 2, 3, 4
UNION ALL SELECT 'payments', currency, about, kind, count(*), sum(amount)::bigint
FROM fact_payment_event CROSS JOIN LATERAL (VALUES (merchant_key), (0)) AS merchant (about) GROUP BY 1, 2, 3, 4
UNION ALL SELECT 'wallets', currency, 0, kind, count(*), sum(amount)::bigint
FROM fact_wallet_entry GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
OF_TOTALS = """
SELECT ledger, unit, about, kind, sum(count)::bigint, sum(amount)::bigint FROM movement_total
GROUP BY 1, 2, 3, 4 HAVING sum(count) <> 0 OR sum(amount) <> 0 ORDER BY 1, 2, 3, 4
"""


def deliver_some() -> None:
    deliver(
        a.earned(120), a.earned(7, programme_id=a.OTHER_PROGRAMME), a.redeemed(-300, at=a.NOON - timedelta(minutes=1)),
        a.captured(12000), a.captured(300, merchant_id=a.OTHER_MERCHANT), a.refunded(2000), a.failed(5),
        a.wallet_changed(20000),
    )  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        "SELECT 1",
        "UPDATE fact_points_entry SET change = change + 1",
        "UPDATE fact_payment_event SET event_at = event_at + interval '3 hours', kind = 'refunded'",
        "DELETE FROM fact_wallet_entry",
        "DELETE FROM fact_points_entry WHERE kind = 'earned'",
    ],
)
def test_totals_are_those_of_the_facts_whoever_writes_them(change: str) -> None:
    deliver_some()
    execute(change)

    assert rows(OF_TOTALS) == rows(OF_FACTS)


def test_a_message_that_comes_twice_is_counted_once() -> None:
    message = a.earned(120)
    deliver(message)
    deliver(a.earned(120, transaction_id=message.transaction_id))

    assert rows("SELECT sum(count)::int, sum(amount)::int FROM movement_total") == [(1, 120)]


def test_totals_are_the_same_after_facts_are_made_again() -> None:
    deliver_some()
    before = rows(OF_TOTALS)

    rebuild_facts(since=a.NOON - timedelta(days=1), until=a.NOON + timedelta(days=1))

    assert rows(OF_TOTALS) == rows(OF_FACTS) == before
    assert len(before) == 11


def test_the_days_of_all_time_zones_begin_with_a_quarter_of_an_hour() -> None:
    days = [date(year, month, 1) for year in range(2000, 2101, 5) for month in (1, 4, 7, 10)]
    starts = {midnight(day, ZoneInfo(name)) for name in available_timezones() for day in days}

    assert {start.astimezone(UTC).timestamp() % 900 for start in starts} == {0.0}


MANY = """
INSERT INTO fact_points_entry (transaction_id, kind, member_id, posted_at, date_key, member_key, programme_key, points,
    change, balance, deficit, reference, reason, occurred_at, message_id)
SELECT gen_random_uuid(), kind, member_id, posted_at, date_key, member_key, programme_key, points, change, balance,
    deficit, reference, reason, occurred_at, gen_random_uuid()
FROM fact_points_entry CROSS JOIN generate_series(1, %(n)s);
INSERT INTO fact_payment_event (event_id, kind, event_at, date_key, payment_id, member_key, merchant_key, amount,
    currency, order_id, failure_code, message_id)
SELECT gen_random_uuid(), kind, event_at, date_key, payment_id, member_key, merchant_key, amount, currency, order_id,
    failure_code, gen_random_uuid() FROM fact_payment_event CROSS JOIN generate_series(1, %(n)s)
"""
A_DAY = periods(a.DAY, a.DAY, granularity="day", zone=ZoneInfo("UTC"))
FACTS = ("fact_points_entry", "fact_payment_event", "fact_wallet_entry", "movement_total")
REPORTS: dict[str, Callable[[], Any]] = {
    "points flow": lambda: points_flow(A_DAY).rows,
    "payment volume": lambda: payment_volume(A_DAY).rows,
    "comparison of a day": lambda: ours([a.DAY]),
}


@pytest.mark.parametrize("statistics", ["nothing", "what was true of few rows", "the truth"])
@pytest.mark.parametrize("name", REPORTS)
def test_a_day_costs_the_same_with_ten_times_the_facts(name: str, statistics: str) -> None:
    deliver_some()
    # Counted at noon, so that later facts of the day are taken off one by one: there are none.
    deliver(a.day_totals(a.total("points", a.PROGRAMME, "earned", 1, 120), as_of=a.NOON))
    taken = []
    for n in (9, 9):
        execute(MANY, {"n": n})
        if statistics != "nothing" and (statistics == "the truth" or not taken):
            as_owner(f"ANALYZE {', '.join(FACTS)}")
        with rows_read(*FACTS) as read:
            assert REPORTS[name]()
        taken.append(read())

    assert taken[0] == taken[1] <= 30


# As many of each of four days, the second of which is A_DAY. Each row is of a merchant or programme of its own, but the
# thousandth part, which is of all merchants, or of the one programme that is known.
OF_FOUR_DAYS = """
INSERT INTO movement_total (ledger, slot, unit, about, kind, part, count, amount)
SELECT ledger, '2026-11-22 12:00Z'::timestamptz + n %% 4 * interval '1 day', n::text,
       CASE WHEN n <= 40 THEN CASE ledger WHEN 'points' THEN %(programme)s ELSE 0 END ELSE 100 + n END, kind, 0, 1, 5
FROM (VALUES ('points', 'earned'), ('payments', 'captured'), ('wallets', 'topped_up')) AS of (ledger, kind)
CROSS JOIN generate_series(%(first)s::integer, %(last)s::integer) AS n
"""
REPORTS_OF_TOTALS: dict[str, tuple[Callable[[], Any], int]] = {
    "points flow": (lambda: points_flow(A_DAY).rows, 10),
    "points flow of a programme": (lambda: points_flow(A_DAY, programme=a.PROGRAMME).rows, 10),
    "payment volume": (lambda: payment_volume(A_DAY).rows, 10),
    "payment volume of a merchant": (lambda: payment_volume(A_DAY, merchant_id=a.MERCHANT).rows, 1),
    "comparison": (lambda: ours([a.DAY]), 30),
}


@at_any_size
@pytest.mark.parametrize("name", REPORTS_OF_TOTALS)
def test_a_days_report_reads_its_totals_however_many_merchants_there_are(name, filling) -> None:
    deliver(a.earned(7), a.captured(12000))
    # The programme is none of those that rows have of their own, and the 101st row is of A_DAY.
    programme = 7
    execute("UPDATE dim_programme SET programme_key = %s", [programme])
    execute("UPDATE dim_merchant SET merchant_key = 201")
    report, expected = REPORTS_OF_TOTALS[name]
    filling.fill(["movement_total"], OF_FOUR_DAYS, programme=programme)

    with rows_read("movement_total") as read, rows_read(*FACTS[:3]) as of_facts:
        found = report()

    assert found
    assert (read(), of_facts()) == (expected, 0)
    assert read.pages() <= 20 + 2 * expected


def test_of_the_day_that_was_counted_at_an_instant_what_came_later_is_left_out() -> None:
    deliver(a.earned(100), a.earned(20, at=a.NOON + timedelta(minutes=1)), a.earned(3, at=a.NOON + timedelta(hours=9)))
    deliver(a.day_totals(a.total("points", a.PROGRAMME, "earned", 1, 100), as_of=a.NOON))

    (found,) = ours([a.DAY]).values()

    assert (found.counted.count, found.counted.total) == (1, 100)
    assert (found.whole.count, found.whole.total) == (3, 123)
