"""What a programme says: how many points an amount earns, and when they end."""

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from points.programmes.rules.expiry import LotEnd, Policy, end_after, policy_of_days
from shared.zones import local_day

LONGEST_WAIT = 3_650  # days
# Bounds of a programme that names none: 100,000.00 of most currencies, and two years.
MAX_POINTS_PER_PURCHASE = 100_000
MAX_AMOUNT = 10_000_000
MAX_PURCHASE_AGE_DAYS = 730
MOST_MERCHANTS = 1_000


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme as it is now; see the table of the same name. `expiry` is None where `lot_days` says it all."""

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
    expiry: Policy | None = None
    grace_days: int = 0
    notice_days: tuple[int, ...] = ()
    unknown_members: str = "accept"
    # Says nothing of when lots end, which is remembered for each programme: a long list is not compared for it.
    merchants: frozenset[UUID] | None = field(default=None, compare=False)
    max_points_per_purchase: int = MAX_POINTS_PER_PURCHASE
    max_amount: int = MAX_AMOUNT
    max_purchase_age_days: int = MAX_PURCHASE_AGE_DAYS
    # Who raised the limit last, and what it was before: for them it still is that.
    limit_raised_by: UUID | None = None
    limit_before: int | None = None
    has_tiers: bool = False

    @property
    def policy(self) -> Policy:
        """Return when its points end."""
        return self.expiry or policy_of_days(self.lot_days)


def points_for(programme: Programme, *, amount: int) -> int:
    """Return what an amount in minor units earns, rounded down once."""
    return amount * programme.earn_points // programme.earn_amount


def worth(programme: Programme, *, points: int) -> int:
    """Return what points are worth in minor units, rounded down once."""
    return points * programme.value_amount // programme.value_points


def takes_purchases_of(programme: Programme, merchant_id: UUID | None) -> bool:
    """Tell whether members earn by purchases from a merchant."""
    return programme.merchants is None or merchant_id in programme.merchants


def raised(programme: Programme, limit: int | None, *, by: UUID | None) -> tuple[UUID | None, int | None]:
    """Return who raised the limit last and what it was before, once somebody sets it to `limit`."""
    present, before = programme.adjustment_limit, programme.limit_before
    if present is not None and (limit is None or limit > present):
        return by, present if before is None or programme.limit_raised_by != by else min(before, present)
    if before is None or (limit is not None and limit <= before):
        return None, None
    return programme.limit_raised_by, before


def needs_approval(programme: Programme, *, points: int) -> bool:
    """Tell whether so many points by one request need a second person."""
    return programme.adjustment_limit is not None and abs(points) > programme.adjustment_limit


def end_of_lot(programme: Programme, *, earned_at: datetime) -> LotEnd:
    """Return the end of points that are earned at an instant, as the programme says now; a lot keeps it."""
    return end_of_lots(programme, local_day(earned_at, programme.timezone))


@lru_cache(maxsize=1024)
def end_of_lots(programme: Programme, day: date) -> LotEnd:
    """Return the end of all points that are earned on a day of the programme's zone; it is reckoned once."""
    return end_after(programme.policy, day, timezone=programme.timezone, grace_days=programme.grace_days)
