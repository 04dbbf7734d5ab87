from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.programmes.rules import Programme, end_of_lot, points_for

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def programme(**changes: Any) -> Programme:
    values: dict[str, Any] = {
        "id": UUID(int=1),
        "name": "Plaza",
        "currency": "EUR",
        "timezone": "Europe/Berlin",
        "earn_points": 1,
        "earn_amount": 100,
        "lot_days": 365,
        "value_points": 100,
        "value_amount": 100,
        "rounding": "floor",
        "status": "active",
        "is_default": True,
        "created_at": AT,
    }
    return Programme(**(values | changes))


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(("amount", "points"), [(0, 0), (99, 0), (100, 1), (199, 1), (12_000, 120)])
def test_rounds_down_once(amount: int, points: int) -> None:
    assert points_for(programme(), amount=amount) == points


def test_three_points_per_two_fifty() -> None:
    assert points_for(programme(earn_points=3, earn_amount=250), amount=999) == 11


@pytest.mark.parametrize(
    ("zone", "days", "earned_at", "ends_at"),
    [
        # The last day is the local one: half past midnight in Berlin is the day after in UTC's eyes.
        ("Europe/Berlin", 1, "2026-01-10T23:30:00+00:00", "2026-01-12T23:00:00+00:00"),
        ("Europe/Berlin", 1, "2026-01-10T22:30:00+00:00", "2026-01-11T23:00:00+00:00"),
        # Earned in winter, ending in summer: midnight is at 22:00 UTC then.
        ("Europe/Berlin", 180, "2026-01-10T12:00:00+00:00", "2026-07-09T22:00:00+00:00"),
        # The last day is the one on which the clocks go forward, and back.
        ("Europe/Berlin", 1, "2026-03-28T12:00:00+00:00", "2026-03-29T22:00:00+00:00"),
        ("Europe/Berlin", 1, "2026-10-24T12:00:00+00:00", "2026-10-25T23:00:00+00:00"),
        # A midnight that does not exist: in Cairo the clocks skip 00:00 to 01:00 on 24 April 2026.
        ("Africa/Cairo", 1, "2026-04-22T12:00:00+00:00", "2026-04-23T22:00:00+00:00"),
        # A midnight that comes twice: in Havana 01:00 becomes 00:00 on 1 November 2026.
        ("America/Havana", 1, "2026-10-30T12:00:00+00:00", "2026-11-01T04:00:00+00:00"),
        ("Pacific/Kiritimati", 1, "2026-01-10T12:00:00+00:00", "2026-01-12T10:00:00+00:00"),
        ("UTC", 365, "2027-03-01T00:00:00+00:00", "2028-03-01T00:00:00+00:00"),
    ],
)
def test_ends_with_the_last_local_day(zone: str, days: int, earned_at: str, ends_at: str) -> None:
    found = end_of_lot(programme(timezone=zone, lot_days=days), earned_at=instant(earned_at))

    assert found.expires_at == instant(ends_at)


def test_never_ends_without_a_number_of_days() -> None:
    assert end_of_lot(programme(lot_days=None), earned_at=AT) == (None, None)


@given(
    st.integers(946_684_800, 4_102_444_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.integers(1, 4000),
    st.sampled_from(["Europe/Berlin", "Africa/Cairo", "America/Havana", "Asia/Kathmandu", "Pacific/Apia", "UTC"]),
)
def test_lives_at_least_its_days_and_ends_within_two_more(earned_at: datetime, days: int, zone: str) -> None:
    found = end_of_lot(programme(timezone=zone, lot_days=days), earned_at=earned_at).expires_at

    assert found is not None
    # A day may last 23 to 25 hours, and Apia once skipped a whole one.
    assert (days - 1) * 86_400 - 7_200 < (found - earned_at).total_seconds() <= (days + 1) * 86_400 + 7_200
