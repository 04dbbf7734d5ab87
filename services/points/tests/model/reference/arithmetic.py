"""Sums as one does them on paper: exact fractions, and a calendar on the wall."""

from datetime import datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from math import floor
from zoneinfo import ZoneInfo


def share_of(points: int, part: int, whole: int) -> int:
    """A part of the points, rounded half up."""
    return floor(Fraction(points * part, whole) + Fraction(1, 2)) if whole else 0


def shared(points: int, amounts: list[int]) -> list[int]:
    """Points shared by amounts; what rounding leaves goes to the largest remainders, the earlier of two equal ones."""
    whole = sum(amounts)
    exact = [Fraction(points * amount, whole) if whole else Fraction(points, len(amounts)) for amount in amounts]
    shares = [floor(one) for one in exact]
    for number in sorted(range(len(amounts)), key=lambda n: floor(exact[n]) - exact[n])[: points - sum(shares)]:
        shares[number] += 1
    return shares


@lru_cache(maxsize=4096)
def midnight_after(earned: datetime, days: int, timezone: str) -> datetime:
    """The first quarter of an hour whose date, in the zone, is more than so many days after that of the earning."""
    zone = ZoneInfo(timezone)
    last = earned.astimezone(zone).date() + timedelta(days=days)
    quarter = timedelta(minutes=15)
    instant = earned.replace(minute=earned.minute // 15 * 15, second=0, microsecond=0) + timedelta(days=days - 1)
    while instant.astimezone(zone).date() <= last:
        instant += quarter
    return instant
