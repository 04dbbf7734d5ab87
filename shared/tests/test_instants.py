from datetime import UTC, date, datetime

import pytest

from shared.instants import OffsetMissing, beginning, end, read_day, read_day_or_instant, read_instant
from shared.zones import ZoneInfo, midnight, names, reset_tzpath

NEW_YEAR = date(2026, 12, 31)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-12-31T18:00:00Z", datetime(2026, 12, 31, 18, tzinfo=UTC)),
        ("2026-12-31t18:00z", datetime(2026, 12, 31, 18, tzinfo=UTC)),
        ("2026-12-31 18:00:00.25-05:00", datetime(2026, 12, 31, 23, 0, 0, 250000, tzinfo=UTC)),
        ("2026-12-31T18:00:00.123456789+01:00", datetime(2026, 12, 31, 17, 0, 0, 123456, tzinfo=UTC)),
    ],
)
def test_an_instant_with_its_offset_is_read(text, expected):
    assert read_instant(text) == expected


@pytest.mark.parametrize("text", ["2026-12-31", "2026-12-31T18:00:00", "2026-12-31 18:00"])
def test_an_instant_without_its_offset_is_told_apart(text):
    with pytest.raises(OffsetMissing):
        read_instant(text)


@pytest.mark.parametrize(
    "text",
    [
        *("20261231", "20261231T180000Z", "2026-W53-4T18:00:00Z", "2026-365", "2026-12-31T18Z", "2026-12-31T18:00+01"),
        *("2026-12-31T24:00:00Z", "2026-12-31T18:00:60Z", "2026-02-30T18:00:00Z", "2026-12-31x18:00:00Z", "1798761600"),
        *("2026-12-31T18:00:00+99:00", "2026-12-31T18:00:00-24:00", "0000-12-31T18:00:00Z"),
        *("1999-12-31T23:59:59Z", "2200-01-01T00:00:01Z", "2026-12-31T18:00:00 01:00", "٢٠٢٦-12-31T18:00:00Z", ""),
    ],
)
def test_what_is_no_instant_is_refused(text):
    with pytest.raises(ValueError, match="is expected"):
        read_instant(text)


@pytest.mark.parametrize(
    "text", ["20261231", "2026-W53-4", "2026-W53", "2026-365", "2026-1-5", "1999-12-31", "2200-01-01", "2026-02-30"]
)
def test_what_is_no_day_is_refused(text):
    with pytest.raises(ValueError, match="expected"):
        read_day(text)


@pytest.mark.parametrize("text", ["31.12.2026", "", "2026-12-31T18Z", "tomorrow"])
def test_where_a_day_is_taken_too_both_are_expected(text):
    with pytest.raises(ValueError, match=r"A day as .* or an instant as .* is expected"):
        read_day_or_instant(text)


def test_a_day_begins_and_ends_in_its_zone_and_an_instant_is_what_it_is():
    day, instant = read_day_or_instant("2026-12-31"), read_day_or_instant("2026-12-31T18:00:00Z")

    assert (day, instant) == (NEW_YEAR, datetime(2026, 12, 31, 18, tzinfo=UTC))
    assert beginning(day, "America/New_York") == datetime(2026, 12, 31, 5, tzinfo=UTC)
    assert end(day, "America/New_York") == datetime(2027, 1, 1, 5, tzinfo=UTC)
    assert beginning(instant, "America/New_York") == end(instant, "America/New_York") == instant


def test_a_day_that_the_clocks_shorten_has_23_hours():
    assert end(date(2026, 3, 29), "Europe/Berlin") == datetime(2026, 3, 29, 22, tzinfo=UTC)
    assert beginning(date(2026, 3, 29), "Europe/Berlin") == datetime(2026, 3, 28, 23, tzinfo=UTC)


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "Europe/Kyiv", "America/Argentina/Ushuaia", "Asia/Kolkata"])
def test_a_zone_is_given_by_the_present_name_of_its_area(name):
    assert name in names()
    assert midnight(NEW_YEAR, ZoneInfo(name)).tzinfo is UTC


@pytest.mark.parametrize(
    "name",
    [
        *("localtime", "posixrules", "Factory", "EST5EDT", "CET", "Etc/GMT+5", "GMT", "Zulu", "europe/berlin"),
        *("US/Eastern", "Europe/Kiev", "Asia/Calcutta", "posix/Europe/Berlin", "right/Europe/Berlin", "../etc/passwd"),
    ],
)
def test_a_name_that_is_old_of_no_area_or_the_hosts_is_none(name):
    assert name not in names()


def test_every_zone_is_read_from_the_pinned_database_and_not_from_the_hosts(tmp_path):
    # A host whose Berlin is a file of its own.
    (tmp_path / "Europe").mkdir()
    (tmp_path / "Europe" / "Berlin").write_bytes(b"no zone")

    import zoneinfo

    assert zoneinfo.TZPATH == ()
    assert all(ZoneInfo.no_cache(name).key == name for name in names())
    reset_tzpath(to=[str(tmp_path)])
    try:
        with pytest.raises(ValueError, match="magic"):
            ZoneInfo.no_cache("Europe/Berlin")
    finally:
        reset_tzpath(to=())
