from datetime import UTC, datetime

from shared.zones import ZoneInfo, local_day, midnight_after


def test_a_day_ends_where_the_next_begins() -> None:
    at = datetime(2026, 3, 29, 22, 30, tzinfo=UTC)

    assert [str(local_day(at, zone)) for zone in ("UTC", "Europe/Berlin")] == ["2026-03-29", "2026-03-30"]
    assert midnight_after(local_day(at, "Europe/Berlin"), "Europe/Berlin") == datetime(2026, 3, 30, 22, tzinfo=UTC)


def test_the_two_halves_of_an_hour_that_comes_twice_are_two_instants() -> None:
    first = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    days = [local_day(at, "Atlantic/Cape_Verde") for at in (first, first.replace(fold=1))]

    assert first == first.replace(fold=1)
    assert [str(day) for day in days] == ["2026-10-24", "2026-10-25"]
