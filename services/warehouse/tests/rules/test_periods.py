from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.reports.errors import ReportRangeReversed, ReportRangeTooLong
from warehouse.reports.rules import midnight, periods

UTC_ZONE = ZoneInfo("UTC")
ZONES = ["UTC", "Europe/Berlin", "America/Santiago", "America/Havana", "Asia/Kathmandu", "Pacific/Apia", "Asia/Beirut"]


def test_a_day_on_which_clocks_go_forward_has_23_hours():
    cut = periods(date(2026, 3, 28), date(2026, 3, 29), granularity="day", zone=ZoneInfo("Europe/Berlin"))

    assert cut.starts == (datetime(2026, 3, 27, 23, tzinfo=UTC), datetime(2026, 3, 28, 23, tzinfo=UTC))
    assert cut.until == datetime(2026, 3, 29, 22, tzinfo=UTC)


def test_a_day_whose_midnight_is_skipped_begins_when_the_clock_jumps():
    assert midnight(date(2026, 9, 6), ZoneInfo("America/Santiago")) == datetime(2026, 9, 6, 4, tzinfo=UTC)


def test_a_week_begins_on_monday_and_is_cut_off_at_the_ends_of_the_range():
    cut = periods(date(2026, 11, 18), date(2026, 11, 24), granularity="week", zone=UTC_ZONE)

    assert cut.labels == (date(2026, 11, 16), date(2026, 11, 23))
    assert cut.starts == (datetime(2026, 11, 18, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC))
    assert cut.until == datetime(2026, 11, 25, tzinfo=UTC)


def test_months_follow_each_other_over_the_end_of_a_year():
    cut = periods(date(2026, 12, 31), date(2027, 2, 1), granularity="month", zone=UTC_ZONE)

    assert cut.labels == (date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1))


def test_four_hundred_days_are_the_most():
    first = date(2026, 1, 1)

    assert len(periods(first, first + timedelta(days=399), granularity="day", zone=UTC_ZONE).labels) == 400
    with pytest.raises(ReportRangeTooLong):
        periods(first, first + timedelta(days=400), granularity="day", zone=UTC_ZONE)


def test_a_range_that_ends_before_it_begins_is_refused():
    with pytest.raises(ReportRangeReversed):
        periods(date(2026, 1, 2), date(2026, 1, 1), granularity="day", zone=UTC_ZONE)


@given(
    first=st.dates(date(2000, 1, 1), date(2099, 1, 1)),
    days=st.integers(0, 399),
    granularity=st.sampled_from(["day", "week", "month"]),
    zone=st.sampled_from(ZONES),
)
def test_periods_are_in_order_and_leave_no_gap(first, days, granularity, zone):
    last = first + timedelta(days=days)

    cut = periods(first, last, granularity=granularity, zone=ZoneInfo(zone))

    assert len(cut.labels) == len(cut.starts)
    assert cut.since == midnight(first, ZoneInfo(zone))
    assert cut.until == midnight(last + timedelta(days=1), ZoneInfo(zone))
    # Apia had no 30 December 2011 at all: that day begins and ends at one instant.
    assert all(earlier <= later for earlier, later in pairwise((*cut.starts, cut.until)))
