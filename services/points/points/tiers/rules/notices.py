"""Who is told that a tier ends: who would fall at the period's end, were nothing earned until then."""

from datetime import datetime, timedelta

from msgspec import structs

from points.tiers.rules.grace import graced
from points.tiers.rules.overrides import lasts_beyond
from points.tiers.rules.periods import instant_of, judged_over
from points.tiers.rules.scheme import Scheme, Schemes
from points.tiers.rules.standing import settled
from points.tiers.rules.values import Change, Notice, Standing, Sums


def noticed(
    standing: Standing, schemes: Schemes, sums: Sums, *, at: datetime
) -> tuple[Standing, list[Change], Notice | None]:  # fmt: skip
    """Return a standing that is settled until an instant, with what changed by that, and what its member is told, if
    that came due.

    It is due once in each period, `notice_days` before its end, and is told as of then, however late: nobody is told
    for whom a tier by hand lasts longer, nor who is in grace then, again.
    """
    now, changes = settled(standing, schemes, sums, at=at)
    due = _due(now, schemes, at=at)
    if due is None or due > at:
        return now, changes, None
    then, _ = settled(standing, schemes, sums, at=due)
    return structs.replace(now, is_told=True), changes, _notice(then, schemes.at(at), schemes.timezone, sums)


def _due(standing: Standing, schemes: Schemes, *, at: datetime) -> datetime | None:
    days = schemes.at(at).notice_days
    if days is None or standing.is_told:
        return None
    day = max(standing.period.first, standing.period.end - timedelta(days=days))
    return instant_of(day, schemes.timezone)


def _notice(standing: Standing, scheme: Scheme, timezone: str, sums: Sums) -> Notice | None:
    lasts = lasts_beyond(standing.override, instant_of(standing.period.end, timezone))
    progress = sums[judged_over(scheme.window, standing.period)]
    return None if lasts or graced(standing) else _fall(standing, scheme, timezone, progress)


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
