"""Time zones, of the pinned IANA database alone: the host's may be older, and has names that mean what it is set to."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from importlib import resources
from zoneinfo import ZoneInfo as ZoneInfo
from zoneinfo import reset_tzpath

# Without paths there is only the package.
reset_tzpath(to=())
ZoneInfo.clear_cache()


@cache
def names() -> frozenset[str]:
    """Return the names that a time zone may be given by: the present one of each area, and `UTC`.

    Older names (`US/Eastern`, `Europe/Kiev`), those without an area (`EST5EDT`), and those that are no place
    (`Factory`, `Etc/GMT+5`) are none; what was stored by them can be read all the same.
    """
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return frozenset({"UTC", *(row[2] for row in rows)})


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant at which a day begins in a time zone.

    A midnight that the clocks skip reads as the instant of the change, one that comes twice as the first.
    """
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def midnight_after(day: date, timezone: str) -> datetime:
    """Return the instant at which a day is over in a time zone."""
    return midnight(day + timedelta(days=1), ZoneInfo(timezone))


def local_day(at: datetime, timezone: str) -> date:
    """Return the day on which an instant lies in a time zone."""
    return _day(at.astimezone(UTC), timezone)


# Thousands of postings of one list have one instant. It is in UTC: of two in an hour that comes twice, Python says they
# are equal.
@lru_cache(maxsize=1024)
def _day(at: datetime, timezone: str) -> date:
    return at.astimezone(ZoneInfo(timezone)).date()
