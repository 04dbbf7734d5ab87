"""Over which days progress counts. Days are of the scheme's time zone; a span ends before its last day."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from points.programmes.rules.expiry import add_months
from points.tiers.rules.scheme import Calendar, Rolling, Window
from shared.zones import midnight_after

_DAY = timedelta(days=1)
_MONTHS = 12


class Span(NamedTuple):
    """Days from the first one to the last, which is not of it."""

    first: date
    end: date

    def has(self, day: date) -> bool:
        """Tell whether a day is among them."""
        return self.first <= day < self.end


def period_of(window: Window, day: date, *, anchor: date) -> Span:
    """Return the period that a day is in, of a member whose periods are counted from `anchor` on."""
    if isinstance(window, Rolling):
        passed = (day - anchor).days // window.days * window.days
        return Span(anchor + timedelta(days=passed), anchor + timedelta(days=passed + window.days))
    if isinstance(window, Calendar):
        anchor = date(day.year, window.month, 1)
    years = day.year - anchor.year
    begin = add_months(anchor, _MONTHS * years)
    if begin > day:
        years -= 1
    return Span(add_months(anchor, _MONTHS * years), add_months(anchor, _MONTHS * (years + 1)))


def period_from(window: Window, day: date, *, anchor: date) -> Span:
    """Return the period that begins on a day, because the one before it ended there."""
    if isinstance(window, Rolling):
        return Span(day, day + timedelta(days=window.days))
    return Span(day, period_of(window, day, anchor=anchor).end)


def judged_over(window: Window, period: Span) -> Span:
    """Return the days whose progress decides at a period's end."""
    return Span(period.end - timedelta(days=window.days), period.end) if isinstance(window, Rolling) else period


def counted_on(window: Window, period: Span, day: date) -> Span:
    """Return the days whose progress counts on a day of a period; what is told some minutes ahead of time, too."""
    if isinstance(window, Rolling):
        return Span(day - timedelta(days=window.days - 1), day + 2 * _DAY)
    return period


def instant_of(day: date, timezone: str) -> datetime:
    """Return the instant at which a day begins."""
    return midnight_after(day - _DAY, timezone)
