"""Reading days and instants as they are written, or not at all: nothing is guessed, and no zone assumed.

One form of ISO 8601 each (RFC 3339): its basic, week and ordinal forms, and hours without minutes, are refused.
"""

import re
from datetime import UTC, date, datetime, timedelta

from shared.zones import ZoneInfo, midnight

# Beyond these an instant is a typing error, and some would overflow in another time zone.
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_DAY = r"\d{4}-\d{2}-\d{2}"
_LOCAL = rf"{_DAY}[Tt ]\d{{2}}:\d{{2}}(:\d{{2}}(\.\d{{1,9}})?)?"
_IS_DAY = re.compile(_DAY, re.ASCII)
_IS_LOCAL = re.compile(_LOCAL, re.ASCII)
_IS_INSTANT = re.compile(rf"{_LOCAL}([Zz]|[+-]\d{{2}}:\d{{2}})", re.ASCII)
_DAY_FORM, _INSTANT_FORM = "YYYY-MM-DD", "2026-12-31T18:00:00+01:00"


class OffsetMissing(ValueError):
    """An instant needs its offset from UTC."""


def read_day(text: str, *, since: int = EARLIEST.year) -> date:
    """Return a day, written as `YYYY-MM-DD`, of the years from `since` to 2199: people are born before 2000.

    :raises ValueError: it is none.
    """
    if not _IS_DAY.fullmatch(text):
        raise ValueError(f"A day as {_DAY_FORM} is expected.")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"A day as {_DAY_FORM} is expected, and the calendar has no such day.") from None
    if not since <= day.year < LATEST.year:
        raise ValueError(f"A day from {since} to {LATEST.year - 1} is expected.")
    return day


def read_instant(text: str) -> datetime:
    """Return an instant of the years from 2000 to 2199, in UTC; it is written with its offset (RFC 3339).

    :raises OffsetMissing: it is a day alone, or has no offset.
    :raises ValueError: it is none, or of another century.
    """
    if _IS_DAY.fullmatch(text) or _IS_LOCAL.fullmatch(text):
        raise OffsetMissing("An instant needs its offset from UTC, as in 2026-12-31T18:00:00+01:00.")
    if not _IS_INSTANT.fullmatch(text):
        raise ValueError(f"An instant as {_INSTANT_FORM} is expected.")
    try:
        instant = datetime.fromisoformat(text.upper())
    except ValueError:
        raise ValueError(f"An instant as {_INSTANT_FORM} is expected, of a day, time and offset that exist.") from None
    if not EARLIEST <= instant <= LATEST:
        raise ValueError("An instant from 2000 to 2200 is expected.")
    return instant.astimezone(UTC)


def read_day_or_instant(text: str) -> date | datetime:
    """Return a day or an instant, as the text has one.

    :raises ValueError: it is neither.
    """
    if _IS_DAY.fullmatch(text):
        return read_day(text)
    if not (_IS_LOCAL.fullmatch(text) or _IS_INSTANT.fullmatch(text)):
        raise ValueError(f"A day as {_DAY_FORM}, or an instant as {_INSTANT_FORM}, is expected.")
    return read_instant(text)


def beginning(said: date | datetime, timezone: str) -> datetime:
    """Return the instant from which something is: a day alone begins with its midnight in the time zone."""
    return said if isinstance(said, datetime) else midnight(said, ZoneInfo(timezone))


def end(said: date | datetime, timezone: str) -> datetime:
    """Return the instant until which something is, itself left out: a day alone is over with its last moment there."""
    return said if isinstance(said, datetime) else midnight(said + timedelta(days=1), ZoneInfo(timezone))
