"""On which day a birthday is, as the number of month and day: 229 is 29 February.

Who was born on that day has it on 28 February in other years: it stays within its month, as a month after 31 January
is the last of February (`programmes.rules.expiry.add_months`).
"""

from calendar import isleap
from collections.abc import Collection
from datetime import date

_LEAP_DAY = 229


def days_of_year(day: date) -> tuple[int, ...]:
    """Return which birthdays are on a day."""
    number = 100 * day.month + day.day
    return (number, _LEAP_DAY) if number == _LEAP_DAY - 1 and not isleap(day.year) else (number,)


def next_birthday(numbers: Collection[int], *, after: date) -> date | None:
    """Return the first day after one on which some of these birthdays are; None where there are none."""
    days = [_in_year(number, year) for number in numbers for year in (after.year, after.year + 1)]
    return min([day for day in days if day > after], default=None)


def _in_year(number: int, year: int) -> date:
    month, day = divmod(number, 100)
    return date(year, month, 28 if number == _LEAP_DAY and not isleap(year) else day)
