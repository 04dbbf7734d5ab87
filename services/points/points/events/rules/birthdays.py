"""On which day a birthday is, as the number of month and day: 229 is 29 February.

Who was born on that day has it on 28 February in other years: it stays within its month, as a month after 31 January
is the last of February (`programmes.rules.expiry.add_months`).
"""

from calendar import isleap
from datetime import date, timedelta

_LEAP_DAY = 229


def days_of_year(day: date) -> tuple[int, ...]:
    """Return which birthdays are on a day."""
    number = 100 * day.month + day.day
    return (number, _LEAP_DAY) if number == _LEAP_DAY - 1 and not isleap(day.year) else (number,)


def numbers_after(day: date) -> list[int]:
    """Return all birthdays that there are, in the order in which they come after a day; its own come last."""
    here = max(days_of_year(day))
    return [number for number in _ALL if number > here] + [number for number in _ALL if number <= here]


def next_day_of(number: int, *, after: date) -> date:
    """Return the first day after one on which a birthday is."""
    return next(day for year in (after.year, after.year + 1) if (day := _in_year(number, year)) > after)


def _in_year(number: int, year: int) -> date:
    month, day = divmod(number, 100)
    return date(year, month, 28 if number == _LEAP_DAY and not isleap(year) else day)


# Of a leap year.
_ALL = [days_of_year(date(2000, 1, 1) + timedelta(days=days))[0] for days in range(366)]
