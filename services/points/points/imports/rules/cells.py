"""What a cell means: ids, numbers, money and instants as people and tills write them.

Each function is remembered for the cells it saw last, because a file says the same things again and again.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from uuid import UUID

import msgspec

from shared.instants import EARLIEST, LATEST
from shared.money import EXPONENTS, LARGEST_AMOUNT
from shared.texts import composed, is_id
from shared.zones import ZoneInfo

LARGEST_POINTS = 10**12
_ANOTHER_CENTURY = "an instant from 2000 to 2200 is expected"
_REMEMBERED = 65_536
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
# Thousands are grouped by the other mark, an apostrophe or a space, of which some keep a number on one line.
_GROUPS = "'\u2019 \u00a0\u2009\u202f"
_NUMBER = {
    mark: re.compile(
        rf"([+-]?)(\d{{1,13}}|\d{{1,3}}(?:[{other}{_GROUPS}]\d{{3}}){{1,4}})(?:{re.escape(mark)}(\d{{1,6}}))?", re.ASCII
    )
    for mark, other in (".,", ",.")
}
_DAY_FIRST = r"(?P<day>\d{1,2})[./-](?P<month>\d{1,2})[./-](?P<year>\d{4})"
_MONTH_FIRST = r"(?P<month>\d{1,2})[./-](?P<day>\d{1,2})[./-](?P<year>\d{4})"
_TIME = r"(?:[ T,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?)?"
_LOCAL = {"dmy": re.compile(_DAY_FIRST + _TIME, re.ASCII), "mdy": re.compile(_MONTH_FIRST + _TIME, re.ASCII)}
# Each form that ISO 8601 has for a day (but its number in the year), and for an instant; all mean the same.
_ISO_DAY = r"\d{4}-\d{2}-\d{2}|\d{8}|\d{4}-W\d{2}-[1-7]|\d{4}W\d{2}[1-7]"
_ISO_TIME = r"[Tt ]\d{2}(?::?\d{2}(?::?\d{2}(?:[.,]\d{1,9})?)?)?(?:[Zz]|[+-]\d{2}(?::?\d{2})?)?"
_ISO = re.compile(f"(?:{_ISO_DAY})(?P<time>{_ISO_TIME})?", re.ASCII)


@lru_cache(_REMEMBERED)
def identifier(cell: str) -> UUID:
    """Return a UUID in its usual form.

    :raises ValueError: it is none.
    """
    if not _UUID.fullmatch(cell) or not cell.strip("0-"):
        raise ValueError("a UUID is expected")
    return msgspec.convert(cell, UUID)


@lru_cache(_REMEMBERED)
def whole_number(cell: str, *, mark: str) -> int:
    """Return a whole number of points, signed; `10.0` is one, and `1.000` none, as it may be a thousand elsewhere.

    :raises ValueError: it is none, or too large.
    """
    found = _NUMBER[mark].fullmatch(cell)
    if found is None or found[3] not in (None, "0", "00") or abs(number := _digits(found)) > LARGEST_POINTS:
        raise ValueError(f"a whole number up to {LARGEST_POINTS} is expected")
    return number


@lru_cache(_REMEMBERED)
def minor_units(cell: str, *, currency: str, mark: str, amounts_in: str) -> int:
    """Return an amount of money in minor units, signed.

    :raises ValueError: it is no amount, too large, or has parts of a minor unit.
    """
    digits = EXPONENTS[currency] if amounts_in == "major" else 0
    found = _NUMBER[mark].fullmatch(cell)
    fraction = (found[3] or "").rstrip("0") if found else ""
    if found is None or len(fraction) > digits:
        raise ValueError(f"an amount with at most {digits} digits after {mark!r} is expected")
    amount = _digits(found, fraction.ljust(digits, "0"))
    if abs(amount) > LARGEST_AMOUNT:
        raise ValueError(f"an amount up to {LARGEST_AMOUNT} minor units is expected")
    return amount


def _digits(found: re.Match[str], more: str = "") -> int:
    """Return the signed number that the digits of a match make, with some more after them."""
    return int(found[1] + re.sub(r"\D", "", found[2]) + more)


@lru_cache(_REMEMBERED)
def instant(cell: str, *, dates: str, timezone: str, is_end: bool = False) -> datetime:
    """Return an instant; one without an offset is local to the time zone, the first where the clocks show it twice.

    A day alone is its beginning, as an end the end of that day.

    :raises ValueError: it is none, of another century, or the clocks skipped it.
    """
    read, is_day = _read(cell, dates)
    if not EARLIEST.year - 1 <= read.year <= LATEST.year:
        raise ValueError(_ANOTHER_CENTURY)
    if is_day and is_end:
        read += timedelta(days=1)
    if read.tzinfo is None:
        read = _local(read, ZoneInfo(timezone), is_day=is_day)
    if not EARLIEST <= read <= LATEST:
        raise ValueError(_ANOTHER_CENTURY)
    return read.astimezone(UTC)


def _read(cell: str, dates: str) -> tuple[datetime, bool]:
    if dates == "iso":
        return _iso(cell)
    if (found := _LOCAL[dates].fullmatch(cell)) is None:
        raise _no_date(dates)
    try:
        day = date(int(found["year"]), int(found["month"]), int(found["day"]))
        at = time(int(found["hour"] or 0), int(found["minute"] or 0), int(found["second"] or 0))
    except ValueError:
        raise _no_date(dates) from None
    return datetime.combine(day, at), found["hour"] is None


def _no_date(dates: str) -> ValueError:
    order = "day, month" if dates == "dmy" else "month, day"
    return ValueError(f"a date ({order}, year), with a time or without, is expected")


def _iso(cell: str) -> tuple[datetime, bool]:
    found = _ISO.fullmatch(cell)
    try:
        if found is None:
            raise ValueError
        return datetime.fromisoformat(cell), found["time"] is None  # noqa: TID251 - of forms that are all told apart
    except ValueError:
        raise ValueError("an ISO-8601 date or instant is expected") from None


def _local(read: datetime, zone: ZoneInfo, *, is_day: bool) -> datetime:
    local = read.replace(tzinfo=zone)
    skipped = local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != read
    if skipped and not is_day:
        raise ValueError(f"the clocks of {zone.key} skipped this time")
    return local


def short_text(cell: str, *, longest: int) -> str:
    """Return a text that is not too long; of characters alone are all of a row (`points.imports.rules.texts`).

    :raises ValueError: it is.
    """
    if len(cell) > longest:
        raise ValueError(f"a text of up to {longest} characters is expected")
    return cell


def external_id(cell: str, *, longest: int) -> str:
    """Return an id that somebody else gave, composed as those of single requests.

    :raises ValueError: it is too long, or looks like another by what nobody sees.
    """
    if not is_id(cell):
        raise ValueError("characters that nobody sees are not allowed, nor blanks but the plain one")
    return short_text(composed(cell), longest=longest)
