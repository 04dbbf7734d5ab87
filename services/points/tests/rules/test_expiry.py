"""The calendar by which points end; expected days and instants are written out."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.ledger.rules.earnings import end_after_activity
from points.programmes.rules import Programme, end_of_lot
from points.programmes.rules.expiry import Dates, Never, Rolling, Sliding, end_after, last_day, policy_of, with_days
from shared.zones import local_day

ZONES = ["Pacific/Tongatapu", "Pacific/Pago_Pago", "Europe/Berlin", "America/Sao_Paulo", "Africa/Cairo", "Pacific/Apia"]


@pytest.mark.parametrize(
    ("policy", "earned", "last"),
    [
        (Rolling(1, "month"), "2026-01-31", "2026-02-28"),
        (Rolling(1, "month"), "2028-01-31", "2028-02-29"),
        (Rolling(3, "month"), "2026-11-30", "2027-02-28"),
        (Rolling(1, "year"), "2028-02-29", "2029-02-28"),
        (Rolling(4, "year"), "2024-02-29", "2028-02-29"),
        (Rolling(12, "month"), "2026-12-31", "2027-12-31"),
        (Rolling(30, "day"), "2028-02-01", "2028-03-02"),
        (Rolling(12, "month", "month"), "2020-07-06", "2021-07-31"),
        (Rolling(1, "month", "month"), "2026-01-31", "2026-02-28"),
        (Rolling(1, "day", "month"), "2026-01-31", "2026-02-28"),
        (Rolling(1, "day", "quarter"), "2026-03-30", "2026-03-31"),
        (Rolling(1, "day", "quarter"), "2026-03-31", "2026-06-30"),
        (Rolling(6, "month", "quarter"), "2026-05-15", "2026-12-31"),
        (Rolling(1, "month", "half_year"), "2026-05-31", "2026-06-30"),
        (Rolling(1, "month", "half_year"), "2026-06-01", "2026-12-31"),
        (Rolling(2, "year", "year"), "2026-01-01", "2028-12-31"),
        (Sliding(12, "month"), "2026-01-31", "2027-01-31"),
        (Dates(("03-31", "12-31")), "2026-01-15", "2026-03-31"),
        # The day itself is too near: the next one.
        (Dates(("03-31", "12-31")), "2026-03-31", "2026-12-31"),
        (Dates(("03-31", "12-31")), "2026-12-31", "2027-03-31"),
        (Dates(("12-31",)), "2026-12-31", "2027-12-31"),
        (Dates(("03-31", "12-31"), 3), "2026-01-15", "2026-12-31"),
        (Dates(("03-31", "12-31"), 2), "2026-01-31", "2026-03-31"),
        (Dates(("01-01",), 13), "2026-06-30", "2028-01-01"),
        (Dates(("02-29",)), "2026-02-01", "2026-02-28"),
        (Dates(("02-29",)), "2028-02-28", "2028-02-29"),
    ],
)
def test_the_last_day_is_the_calendars(policy: Any, earned: str, last: str) -> None:
    assert last_day(policy, after=date.fromisoformat(earned)) == date.fromisoformat(last)


def test_never_has_no_last_day() -> None:
    assert last_day(Never(), after=date(2026, 1, 1)) is None


@pytest.mark.parametrize(
    ("zone", "policy", "grace", "earned_at", "ends"),
    [
        # Tonga is a day ahead: 31 January there begins at 11:00 UTC of the 30th.
        ("Pacific/Tongatapu", Rolling(1, "month"), 0, "2026-01-30T11:00", ("2026-02-28", "2026-02-28T11:00")),
        ("Pacific/Tongatapu", Rolling(1, "month"), 0, "2026-01-30T10:59", ("2026-02-28", "2026-02-28T11:00")),
        ("Pacific/Tongatapu", Rolling(1, "day"), 0, "2026-01-30T10:59", ("2026-01-31", "2026-01-31T11:00")),
        ("Pacific/Tongatapu", Dates(("12-31",)), 0, "2026-12-31T10:59", ("2027-12-31", "2027-12-31T11:00")),
        ("Pacific/Tongatapu", Dates(("12-31",)), 0, "2026-12-30T10:59", ("2026-12-31", "2026-12-31T11:00")),
        # In Pago Pago it is still 31 January when UTC has had ten hours of February.
        ("Pacific/Pago_Pago", Rolling(1, "month"), 0, "2026-02-01T10:59", ("2026-02-28", "2026-03-01T11:00")),
        ("Pacific/Pago_Pago", Rolling(1, "month"), 0, "2026-02-01T11:00", ("2026-03-01", "2026-03-02T11:00")),
        ("Pacific/Pago_Pago", Rolling(1, "year"), 0, "2028-03-01T10:00", ("2029-02-28", "2029-03-01T11:00")),
        # Berlin: the last day has 23 hours, then 25; a period over both changes ends at a local midnight.
        ("Europe/Berlin", Rolling(1, "month"), 0, "2026-02-28T23:30", ("2026-04-01", "2026-04-01T22:00")),
        ("Europe/Berlin", Rolling(1, "day"), 0, "2026-03-28T10:00", ("2026-03-29", "2026-03-29T22:00")),
        ("Europe/Berlin", Rolling(1, "day"), 0, "2026-10-24T10:00", ("2026-10-25", "2026-10-25T23:00")),
        ("Europe/Berlin", Rolling(1, "day"), 0, "2026-10-25T00:30", ("2026-10-26", "2026-10-26T23:00")),
        ("Europe/Berlin", Rolling(6, "month", "month"), 0, "2026-03-29T00:30", ("2026-09-30", "2026-09-30T22:00")),
        # The grace is counted in days of the zone too: over the change of clocks.
        ("Europe/Berlin", Rolling(1, "day"), 7, "2026-03-22T11:00", ("2026-03-23", "2026-03-30T22:00")),
        ("Europe/Berlin", Rolling(1, "month", "month"), 14, "2026-01-31T11:00", ("2026-02-28", "2026-03-14T23:00")),
        # Sao Paulo skipped the midnight of 4 November 2018: the day before ends as the clocks go from 0:00 to 1:00.
        ("America/Sao_Paulo", Rolling(1, "day"), 0, "2018-11-02T12:00", ("2018-11-03", "2018-11-04T03:00")),
        # Its 17 February 2018 had 25 hours: the midnight came, was 23:00 again, and came a second time.
        ("America/Sao_Paulo", Rolling(1, "day"), 0, "2018-02-16T12:00", ("2018-02-17", "2018-02-18T03:00")),
        # Apia had no 30 December 2011: what ends with the 29th ends where the 31st begins.
        ("Pacific/Apia", Rolling(1, "day"), 0, "2011-12-28T20:00", ("2011-12-29", "2011-12-30T10:00")),
    ],
)  # fmt: skip
def test_ends_at_the_midnight_after_the_last_local_day(
    zone: str, policy: Any, grace: int, earned_at: str, ends: tuple[str, str]
) -> None:
    found = end_after(policy, local_day(datetime.fromisoformat(earned_at + "Z"), zone), timezone=zone, grace_days=grace)

    assert (str(found.expires_on), f"{found.expires_at:%Y-%m-%dT%H:%M}") == ends


periods = st.one_of(
    st.builds(Rolling, st.integers(1, 4000), st.just("day"), st.sampled_from(["day", "month", "quarter"])),
    st.builds(Rolling, st.integers(1, 120), st.just("month"), st.sampled_from(["day", "month", "half_year", "year"])),
    st.builds(Sliding, st.integers(1, 20), st.just("year")),
    st.lists(st.dates(date(2000, 1, 1), date(2000, 12, 31)).map(lambda day: f"{day:%m-%d}"), min_size=1, max_size=20,
             unique=True).flatmap(lambda days: st.builds(Dates, st.just(tuple(days)), st.integers(0, 30))),
)  # fmt: skip
instants = st.integers(1_262_304_000, 4_102_444_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(periods, instants, st.integers(0, 90), st.sampled_from(ZONES))
def test_an_end_lies_after_the_earning_and_no_end_overtakes_that_of_a_later_earning(
    policy: Any, earned_at: datetime, grace: int, zone: str
) -> None:
    first = end_after(policy, local_day(earned_at, zone), timezone=zone, grace_days=grace)
    next_day = local_day(earned_at + timedelta(hours=30), zone)
    later = end_after(policy, next_day, timezone=zone, grace_days=grace)

    assert first.expires_at is not None
    assert later.expires_at is not None
    assert first.expires_at > earned_at
    assert first.expires_at <= later.expires_at


@given(periods, instants, st.sampled_from(["Pacific/Tongatapu", "Pacific/Pago_Pago", "Europe/Berlin"]))
def test_an_end_is_a_local_midnight_after_the_day_that_is_told(policy: Any, earned_at: datetime, zone: str) -> None:
    found = end_after(policy, local_day(earned_at, zone), timezone=zone)

    assert found.expires_at is not None
    assert found.expires_on is not None
    local = found.expires_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert local == datetime.combine(found.expires_on + timedelta(days=1), datetime.min.time())


@pytest.mark.parametrize(
    "value",
    [
        None, "never", [], {}, {"kind": "sometimes"}, {"kind": "never", "count": 1}, {"kind": "rolling"},
        {"kind": "rolling", "count": 0, "unit": "day"}, {"kind": "rolling", "count": 1.0, "unit": "day"},
        {"kind": "rolling", "count": True, "unit": "day"}, {"kind": "rolling", "count": "1", "unit": "day"},
        {"kind": "rolling", "count": 101, "unit": "year"}, {"kind": "rolling", "count": 1201, "unit": "month"},
        {"kind": "rolling", "count": 36_501, "unit": "day"}, {"kind": "rolling", "count": 1, "unit": "week"},
        {"kind": "rolling", "count": 1, "unit": "day", "round_to": "week"},
        {"kind": "rolling", "count": 1, "unit": "day", "activities": ["earned"]},
        {"kind": "dates", "dates": []}, {"kind": "dates", "dates": ["12-31"] * 2},
        {"kind": "dates", "dates": ["13-01"]}, {"kind": "dates", "dates": ["02-28\n"]},
        {"kind": "dates", "dates": ["02-30"]}, {"kind": "dates", "dates": ["2-28"]},
        {"kind": "dates", "dates": ["\ud800"]},
        {"kind": "dates", "dates": [f"01-{day:02}" for day in range(1, 22)]}, {"kind": "dates", "dates": "12-31"},
        {"kind": "dates", "dates": ["12-31"], "min_months": -1},
        {"kind": "dates", "dates": ["12-31"], "min_months": 121},
        {"kind": "sliding", "count": 1, "unit": "year", "activities": []},
        {"kind": "sliding", "count": 1, "unit": "year", "activities": ["earned", "earned"]},
        {"kind": "sliding", "count": 1, "unit": "year", "activities": ["slept"]},
    ],
)  # fmt: skip
def test_a_policy_that_cannot_be_is_none(value: Any) -> None:
    with pytest.raises(ValueError, match=r"is expected|policy has") as refusal:
        policy_of(value)
    assert "unknown field" not in str(refusal.value)


def test_what_is_expected_of_a_policy_is_said_of_its_kind() -> None:
    with pytest.raises(ValueError, match=r"A `rolling` policy has a `count` .* and no other member"):
        policy_of({"kind": "rolling", "count": 1, "unit": "month", "months": 12})


@pytest.mark.parametrize(
    ("value", "days"),
    [
        ({"kind": "never"}, (None, None)),
        ({"kind": "rolling", "count": 365, "unit": "day"}, (365, None)),
        ({"kind": "rolling", "count": 365, "unit": "day", "round_to": "month"}, (None, Rolling(365, "day", "month"))),
        ({"kind": "sliding", "count": 30, "unit": "day"}, (None, Sliding(30, "day", "day", ("earned", "redeemed")))),
    ],
)  # fmt: skip
def test_a_policy_of_plain_days_is_their_number(value: Any, days: Any) -> None:
    assert with_days(policy_of(value)) == days


def programme(**changes: Any) -> Programme:
    values: dict[str, Any] = {
        "id": UUID(int=1), "name": "Plaza", "currency": "EUR", "timezone": "UTC", "earn_points": 1, "earn_amount": 1,
        "lot_days": None, "value_points": 1, "value_amount": 1, "rounding": "floor", "status": "active",
        "is_default": True, "created_at": datetime(2026, 1, 1, tzinfo=UTC),
    }  # fmt: skip
    return Programme(**(values | changes))


def test_only_a_chosen_activity_of_a_sliding_programme_moves_ends() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    sliding = programme(expiry=Sliding(1, "year", activities=("redeemed",)))

    assert end_after_activity(sliding, "redeemed", at=at) == end_of_lot(sliding, earned_at=at)
    assert end_after_activity(sliding, "earned", at=at) is None
    assert end_after_activity(programme(expiry=Rolling(1, "year")), "redeemed", at=at) is None
    assert end_after_activity(programme(lot_days=365), "redeemed", at=at) is None
