"""Who is told that a tier ends: who would fall at the period's end, were nothing earned until then."""

from datetime import datetime, timedelta

from msgspec import structs

from points.tiers.rules.grace import graced
from points.tiers.rules.overrides import lasts_beyond
from points.tiers.rules.periods import instant_of, judged_over
from points.tiers.rules.scheme import Scheme, Schemes
from points.tiers.rules.values import Notice, Standing, Sums
from shared.zones import local_day


def noticed(standing: Standing, schemes: Schemes, sums: Sums, *, at: datetime) -> tuple[Standing, Notice | None]:
    """Return a settled standing once it was looked at, and what its member is told, if that is due at an instant.

    It is due once in each period, `notice_days` before its end. Nobody is told while a tier by hand lasts longer, nor
    in grace, again.
    """
    scheme = schemes.at(at)
    if standing.is_told or scheme.notice_days is None:
        return standing, None
    if standing.period.end - timedelta(days=scheme.notice_days) > local_day(at, schemes.timezone):
        return standing, None
    lasts = lasts_beyond(standing.override, instant_of(standing.period.end, schemes.timezone))
    progress = sums[judged_over(scheme.window, standing.period)]
    notice = None if lasts or graced(standing) else _fall(standing, scheme, schemes.timezone, progress)
    return structs.replace(standing, is_told=True), notice


def _fall(standing: Standing, scheme: Scheme, timezone: str, progress: int) -> Notice | None:
    level = scheme.level(standing.tier)
    after, tier = scheme.at_end(level, progress), scheme.tier(level)
    if tier is None or after >= level:
        return None
    end = standing.period.end
    grace = instant_of(end + timedelta(days=scheme.grace_days), timezone) if scheme.grace_days else None
    return Notice(
        tier=tier.code,
        projected=scheme.code(after),
        missing=tier.stay - progress,
        until=instant_of(end, timezone),
        grace_until=grace,
    )
