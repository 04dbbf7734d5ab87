"""Tiers that members are given by hand. The computed standing goes on below one, and is what they have after it."""

from datetime import datetime
from uuid import UUID

from msgspec import structs

from points.tiers.rules.periods import instant_of
from points.tiers.rules.values import Cause, Change, Override, Standing


def effective(standing: Standing) -> str | None:
    """Return the code of the tier that a member has, who is settled: the override's while it lasts, else the computed
    one."""
    return standing.override.tier if standing.override else standing.tier


def came_to(
    before: Standing, after: Standing, at: datetime, cause: Cause, reference: UUID | None
) -> tuple[Standing, list[Change]]:
    """Return what became of a standing, with the change, where the member has another tier by it.

    No change is older than the one before it: of requests at the same moment the later one may be the first to come.
    """
    old, new = effective(before), effective(after)
    if old == new:
        return after, []
    at = max(at, before.since) if before.since else at
    told = structs.replace(after, since=at, cause=str(cause), changes=before.changes + 1)
    return told, [Change(old, new, at, cause, reference)]


def overridden(standing: Standing, override: Override, *, at: datetime) -> tuple[Standing, list[Change]]:
    """Return a settled standing with an override from an instant on."""
    return came_to(standing, structs.replace(standing, override=override), at, Cause.OVERRIDE, override.id)


def ended(standing: Standing, *, at: datetime) -> tuple[Standing, list[Change]]:
    """Return a standing without its override from an instant on."""
    if standing.override is None:
        return standing, []
    after = structs.replace(standing, override=None)
    return came_to(standing, after, at, Cause.OVERRIDE_ENDED, standing.override.id)


def lapsed(
    standing: Standing, *, before: datetime | None = None, until: datetime | None = None
) -> tuple[Standing, list[Change]]:
    """Return a standing whose override is over as of its end, where that comes before an instant, or until another."""
    end = standing.override.until if standing.override else None
    if end is None or not ((before and end < before) or (until and end <= until)):
        return standing, []
    return ended(standing, at=end)


def lasts_beyond(override: Override | None, at: datetime) -> bool:
    """Tell whether there is an override that is not over at an instant."""
    return override is not None and (override.until is None or override.until > at)


def due_at(standing: Standing, timezone: str) -> datetime:
    """Return when a standing next has to be settled: at its period's end, or that of its grace or of its override."""
    days = [standing.period.end, *([standing.grace.until] if standing.grace else [])]
    boundary = instant_of(min(days), timezone)
    end = standing.override.until if standing.override else None
    return min(boundary, end) if end else boundary
