"""Tiers that members bring from another system: they begin with them, as if kept from a period before."""

from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from msgspec import structs

from points.tiers.rules.overrides import came_to
from points.tiers.rules.periods import Span
from points.tiers.rules.scheme import LONGEST_ROLLING, Calendar, Scheme
from points.tiers.rules.values import Cause, Change, Standing


class Start(NamedTuple):
    """The tier that a member had elsewhere: since when, and the last day of the period for which it is kept."""

    member_id: UUID
    tier: str
    since: datetime | None = None
    until: date | None = None


def can_end(scheme: Scheme, until: date, *, today: date) -> bool:
    """Tell whether a member's period may have this last day: periods are the member's own, and it is not over."""
    return not isinstance(scheme.window, Calendar) and today <= until < today + timedelta(days=LONGEST_ROLLING)


def started(
    standing: Standing, start: Start, *, at: datetime, reference: UUID
) -> tuple[Standing, list[Change]]:  # fmt: skip
    """Return a settled standing of a lower tier with the one that was brought; no return takes it."""
    end = start.until + timedelta(days=1) if start.until else standing.period.end
    period = Span(standing.period.first, end)
    after = structs.replace(
        standing, tier=start.tier, floor=start.tier, grace=None, last=None, period=period, is_told=False
    )  # fmt: skip
    return came_to(standing, after, min(start.since or at, at), Cause.IMPORTED, reference)
