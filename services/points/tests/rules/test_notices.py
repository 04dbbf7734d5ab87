from datetime import date

import pytest

from points.programmes.rules.notices import due_windows

TODAY = date(2026, 3, 10)


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


@pytest.mark.parametrize(
    ("notice_days", "told_until", "windows"),
    [
        ([], {}, []),
        # Switched on today: all that ends within so many days, each in the nearest notice.
        ([7], {}, [(7, "03-10", "03-17")]),
        ([30, 7], {}, [(7, "03-10", "03-17"), (30, "03-18", "04-09")]),
        # The day after: only what has come into view.
        ([30, 7], {7: "03-16", 30: "04-08"}, [(7, "03-17", "03-17"), (30, "04-09", "04-09")]),
        # Told already today.
        ([30, 7], {7: "03-17", 30: "04-09"}, []),
        # Twenty-five days were missed: what a nearer notice tells is not told twice, what has ended not at all.
        ([30, 7], {7: "02-20", 30: "03-15"}, [(7, "03-10", "03-17"), (30, "03-18", "04-09")]),
        ([30, 7], {7: "03-12", 30: "04-01"}, [(7, "03-13", "03-17"), (30, "04-02", "04-09")]),
        # A number that was told before begins where it stopped, another one anew.
        ([1, 3], {3: "03-12"}, [(1, "03-10", "03-11"), (3, "03-13", "03-13")]),
    ],
)
def test_what_is_to_be_told_today(
    notice_days: list[int], told_until: dict[int, str], windows: list[tuple[int, str, str]]
) -> None:
    reached = {days: day(text) for days, text in told_until.items()}

    found = list(due_windows(notice_days, told_until=reached, today=TODAY))

    assert found == [(days, day(first), day(last)) for days, first, last in windows]
