"""What a programme says: how many points an amount earns, and when they end."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

LONGEST_WAIT = 3_650  # days


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme as it is now; see the table of the same name."""

    id: UUID
    name: str
    currency: str
    timezone: str
    earn_points: int
    earn_amount: int
    lot_days: int | None
    value_points: int
    value_amount: int
    rounding: str
    status: str
    is_default: bool
    created_at: datetime
    adjustment_limit: int | None = None
    pending_days: int | None = None
    return_policy: str = "arrears"
    arrears_cap: int | None = None


def points_for(programme: Programme, *, amount: int) -> int:
    """Return what an amount in minor units earns, rounded down once."""
    return amount * programme.earn_points // programme.earn_amount


def worth(programme: Programme, *, points: int) -> int:
    """Return what points are worth in minor units, rounded down once."""
    return points * programme.value_amount // programme.value_points


def needs_approval(programme: Programme, *, points: int) -> bool:
    """Tell whether an adjustment by so many points needs a second person."""
    return programme.adjustment_limit is not None and abs(points) > programme.adjustment_limit


@lru_cache(maxsize=1024)
def end_of_lot(programme: Programme, *, earned_at: datetime) -> datetime | None:
    """Return the instant at which points earned then can no longer be spent; None for never.

    They live `lot_days` days beyond the day on which they were earned and end with the last of these
    days, both in the programme's time zone, so that a member loses them at midnight where they live.
    """
    if programme.lot_days is None:
        return None
    return _end_of_day(programme, earned_at, days=programme.lot_days)


def activates_at(programme: Programme, *, earned_at: datetime, days: int | None = None) -> datetime | None:
    """Return the instant at which points earned then can be spent; None for at once.

    They wait `days`, or the programme's `pending_days` where that is None, beyond the day on which they were earned,
    and to the end of the last of these days in the programme's time zone.
    """
    if days is None:
        days = programme.pending_days
    return _end_of_day(programme, earned_at, days=days) if days else None


def _end_of_day(programme: Programme, instant: datetime, *, days: int) -> datetime:
    zone = ZoneInfo(programme.timezone)
    day_after = instant.astimezone(zone).date() + timedelta(days=days + 1)
    # A midnight that the clocks skip reads as the instant of the change, one that comes twice as the first.
    return datetime.combine(day_after, time.min, zone).astimezone(UTC)
