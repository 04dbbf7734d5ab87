from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from points.statements.rules import Ending, forecast, month_of, period_until_today


def test_a_forecast_has_twelve_months_in_a_row_across_the_year() -> None:
    found = forecast([Ending(date(2027, 1, 1), 5, 1)], first_month=date(2026, 3, 1))

    assert [one.month for one in found.months][:2] == [date(2026, 3, 1), date(2026, 4, 1)]
    assert (found.months[10], found.months[-1].month) == (Ending(date(2027, 1, 1), 5, 1), date(2027, 2, 1))


def test_what_ends_beyond_and_what_never_does_stand_apart() -> None:
    endings = [Ending(date(2027, 2, 1), 1, 1), Ending(date(2027, 3, 1), 20, 2), Ending(None, 300, 3)]

    found = forecast(endings, first_month=date(2026, 3, 1))

    assert (found.months[-1].points, found.later, found.never, found.total) == (1, 20, 300, 321)


@given(
    points=st.dictionaries(
        st.dates(date(2026, 3, 1), date(2040, 1, 1)).map(lambda d: d.replace(day=1)), st.integers(1, 99)
    )
)
def test_a_forecast_loses_no_point(points: dict[date, int]) -> None:
    endings = [Ending(month, count, 1) for month, count in points.items()]

    assert forecast(endings, first_month=date(2026, 3, 1)).total == sum(points.values())


def test_a_month_is_that_of_the_programmes_zone() -> None:
    at = datetime(2026, 3, 31, 23, tzinfo=UTC)

    zones = ["UTC", "Europe/Berlin", "Pacific/Apia", "Pacific/Pago_Pago"]

    assert [month_of(at, zone).month for zone in zones] == [3, 4, 4, 3]


def test_a_period_is_whole_days_of_its_zone_also_where_the_clock_changes() -> None:
    period = period_until_today(
        date(2026, 3, 29), date(2026, 3, 29), at=datetime(2026, 4, 1, tzinfo=UTC), timezone="Europe/Berlin"
    )

    assert period.before == datetime(2026, 3, 28, 22, 59, 59, 999_999, tzinfo=UTC)
    assert period.end == datetime(2026, 3, 29, 21, 59, 59, 999_999, tzinfo=UTC)


def test_a_period_without_days_is_this_month_until_today() -> None:
    at = datetime(2026, 3, 31, 23, tzinfo=UTC)

    found = period_until_today(None, None, at=at, timezone="Europe/Berlin")

    assert (found.first, found.last) == (date(2026, 4, 1), date(2026, 4, 1))
