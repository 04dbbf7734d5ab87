"""Periods of a report: whole days, weeks or months of a time zone. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from shared.zones import ZoneInfo, midnight
from warehouse.reports.errors import ReportRangeReversed, ReportRangeTooLong

LONGEST_DAYS = 400


@dataclass(frozen=True, slots=True)
class Periods:
    """The periods of a report: the first day of each, the instants they start at, and where the last one ends."""

    labels: tuple[date, ...]
    starts: tuple[datetime, ...]
    until: datetime

    @property
    def since(self) -> datetime:
        """Return the instant the first period starts at."""
        return self.starts[0]


def periods(first: date, last: date, *, granularity: str, zone: ZoneInfo) -> Periods:
    """Cut the days `first` to `last`, both included, into days, ISO weeks (from Monday) or months of a time zone.

    A period is named by its first day, also where the range begins in the middle of it; nothing outside
    the range is in it. A day lasts 23 or 25 hours where clocks change.

    :raises ReportRangeReversed: the last day is before the first.
    :raises ReportRangeTooLong: more than 400 days.
    """
    if last < first:
        raise ReportRangeReversed()
    if (last - first).days >= LONGEST_DAYS:
        raise ReportRangeTooLong(longest_days=LONGEST_DAYS)
    labels = tuple(_labels(first, last, granularity))
    starts = tuple(midnight(max(label, first), zone) for label in labels)
    return Periods(labels=labels, starts=starts, until=midnight(last + timedelta(days=1), zone))


def period_start(day: date, granularity: str) -> date:
    """Return the first day of the day, week or month that a day is in."""
    if granularity == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if granularity == "week" else day


def _labels(first: date, last: date, granularity: str) -> Iterator[date]:
    day = first
    while day <= last:
        start = period_start(day, granularity)
        yield start
        day = _next(start, granularity)


def _next(start: date, granularity: str) -> date:
    if granularity == "month":
        return (start + timedelta(days=31)).replace(day=1)
    return start + timedelta(days=7 if granularity == "week" else 1)
