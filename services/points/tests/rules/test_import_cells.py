"""Cells become money and instants, as people and tills write them."""

from datetime import UTC, datetime

import pytest

from points.imports.rules import cells


@pytest.mark.parametrize(
    ("cell", "mark", "amounts_in", "expected"),
    [
        ("12", ".", "major", 1200),
        ("12.5", ".", "major", 1250),
        ("1,234.56", ".", "major", 123456),
        ("1.234,56", ",", "major", 123456),
        ("1 234,5", ",", "major", 123450),
        ("1'234.50", ".", "major", 123450),
        ("1\u2019234.50", ".", "major", 123450),
        ("1\u202f234\u202f567,50", ",", "major", 123456750),
        ("-0,05", ",", "major", -5),
        ("12.5000", ".", "major", 1250),
        ("1999", ".", "minor", 1999),
    ],
)
def test_amounts(cell: str, mark: str, amounts_in: str, expected: int) -> None:
    assert cells.minor_units(cell, currency="EUR", mark=mark, amounts_in=amounts_in) == expected


@pytest.mark.parametrize("cell", ["1.234", "12.34.56", "1,23", "12 34", "", "+", "1.", ".5", "1.99 EUR", "1" * 400])
def test_what_is_no_amount(cell: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        cells.minor_units(cell, currency="EUR", mark=".", amounts_in="major")


def test_a_currency_without_minor_units_has_no_fraction() -> None:
    assert cells.minor_units("1,234", currency="JPY", mark=".", amounts_in="major") == 1234
    with pytest.raises(ValueError, match="0 digits"):
        cells.minor_units("12.5", currency="JPY", mark=".", amounts_in="major")


@pytest.mark.parametrize(
    ("cell", "dates", "expected"),
    [
        ("2026-03-01T10:00:00Z", "iso", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01 10:00", "iso", datetime(2026, 3, 1, 9, tzinfo=UTC)),
        ("2026-03-01", "iso", datetime(2026, 2, 28, 23, tzinfo=UTC)),
        ("1.3.2026", "dmy", datetime(2026, 2, 28, 23, tzinfo=UTC)),
        ("01.03.2026 10:05", "dmy", datetime(2026, 3, 1, 9, 5, tzinfo=UTC)),
        ("3/1/2026, 10:05:07", "mdy", datetime(2026, 3, 1, 9, 5, 7, tzinfo=UTC)),
        ("25.10.2026 02:30", "dmy", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_instants_without_an_offset_are_local(cell: str, dates: str, expected: datetime) -> None:
    assert cells.instant(cell, dates=dates, timezone="Europe/Berlin") == expected


def test_a_day_as_an_end_is_its_last_instant() -> None:
    found = cells.instant("28.03.2026", dates="dmy", timezone="Europe/Berlin", is_end=True)

    assert found == datetime(2026, 3, 28, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cell", "dates"),
    [("29.03.2026 02:30", "dmy"), ("31.02.2026", "dmy"), ("13/13/2026", "mdy"), ("1.3.26", "dmy"), ("24:61", "dmy")],
)
def test_an_instant_that_never_was(cell: str, dates: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        cells.instant(cell, dates=dates, timezone="Europe/Berlin")


@pytest.mark.parametrize("cell", ["2026-12-31", "20261231", "2026-W53-4", "2026W534"])
def test_each_form_of_a_day_is_that_day_and_as_an_end_its_end(cell: str) -> None:
    how = {"dates": "iso", "timezone": "America/New_York"}

    assert cells.instant(cell, **how) == datetime(2026, 12, 31, 5, tzinfo=UTC)
    assert cells.instant(cell, **how, is_end=True) == datetime(2027, 1, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "cell", ["2026-12-31T18:00", "20261231T1800", "2026-W53-4 18:00", "2026-12-31T18", "20261231T18-0500"]
)
def test_each_form_of_an_instant_is_that_instant_also_as_an_end(cell: str) -> None:
    found = cells.instant(cell, dates="iso", timezone="America/New_York", is_end=True)

    assert found == datetime(2026, 12, 31, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    "cell", ["2026-W53", "2026W53", "2026-365", "2026365", "2026-12", "31122026", "2026-12-31x18:00"]
)
def test_what_would_be_read_as_another_day_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        cells.instant(cell, dates="iso", timezone="America/New_York", is_end=True)


@pytest.mark.parametrize(("cell", "dates"), [("31.02.2026", "dmy"), ("2/30/2026", "mdy"), ("1.3.2026 25:00", "dmy")])
def test_a_date_that_never_was_says_what_is_expected(cell: str, dates: str) -> None:
    with pytest.raises(ValueError, match=r"a date .* is expected"):
        cells.instant(cell, dates=dates, timezone="Europe/Berlin")
