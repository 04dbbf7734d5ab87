"""Calendars of points: which days a statement covers and in which month points end. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from shared.zones import ZoneInfo, midnight

MONTHS = 12
LONGEST = timedelta(days=366)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Ending:
    """Points of so many lots that end in one month, by its first day; in no month, those that never end."""

    month: date | None
    points: int
    lots: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What ends in each of the next months, this one first, what ends later, and what never does."""

    months: tuple[Ending, ...]
    later: int
    never: int

    @property
    def total(self) -> int:
        """Return all points that can be spent now."""
        return sum(one.points for one in self.months) + self.later + self.never


def forecast(endings: Iterable[Ending], *, first_month: date) -> Forecast:
    """Lay endings out over twelve months, those of one month together; a month without any has zero."""
    found: dict[date | None, Ending] = {}
    for one in endings:
        same = found.get(one.month, Ending(one.month, 0, 0))
        found[one.month] = Ending(one.month, same.points + one.points, same.lots + one.lots)
    never = found.pop(None, Ending(None, 0, 0))
    months = [_month_after(first_month, number) for number in range(MONTHS)]
    later = sum(ending.points for month, ending in found.items() if month and month > months[-1])
    return Forecast(tuple(found.get(month, Ending(month, 0, 0)) for month in months), later, never.points)


def month_of(at: datetime, timezone: str) -> date:
    """Return the first day of the month in which an instant lies, in a time zone."""
    return at.astimezone(ZoneInfo(timezone)).date().replace(day=1)


def _month_after(first: date, number: int) -> date:
    years, month = divmod(first.month - 1 + number, 12)
    return date(first.year + years, month + 1, 1)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of a time zone, both included."""

    first: date
    last: date
    timezone: str

    @property
    def before(self) -> datetime:
        """Return the last instant before the period."""
        return midnight(self.first, ZoneInfo(self.timezone)) - _TICK

    @property
    def end(self) -> datetime:
        """Return the last instant of the period."""
        return midnight(self.last + timedelta(days=1), ZoneInfo(self.timezone)) - _TICK


def period_until_today(first: date | None, last: date | None, *, at: datetime, timezone: str) -> Period:
    """Return the period between two days; until today, and from the first of the last day's month, where not said."""
    last = last or at.astimezone(ZoneInfo(timezone)).date()
    return Period(first or last.replace(day=1), last, timezone)
