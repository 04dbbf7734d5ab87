"""Grace: who has not enough to stay at a period's end keeps the tier for some days more, and falls then.

It is of the floor, the tier that the new period began with; who rises above it meanwhile keeps what was reached.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import structs

from points.tiers.rules.overrides import came_to, lapsed
from points.tiers.rules.periods import Span, instant_of
from points.tiers.rules.scheme import Rolling, Scheme, Schemes
from points.tiers.rules.values import Cause, Change, Grace, Standing, Sums


def graced(standing: Standing) -> Grace | None:
    """Return the grace that the computed tier is kept by; None where it was reached, or kept by enough."""
    return standing.grace if standing.tier == standing.floor else None


def graced_over(schemes: Schemes, period: Span, grace: Grace) -> Span:
    """Return the days whose progress decides when a grace ends in a period."""
    window = schemes.at(instant_of(grace.until, schemes.timezone)).window
    return Span(grace.until - timedelta(days=window.days), grace.until) if isinstance(window, Rolling) else period


def judged(standing: Standing, scheme: Scheme, period: Span, progress: int) -> Standing:
    """Return a standing after a period that ended with so much progress: what was to be lost is kept in grace, where
    the scheme gives any. A grace that lasts beyond the period goes on, and no other one begins after it."""
    level = scheme.level(standing.tier)
    after = scheme.at_end(level, progress)
    grace = None
    if after < level and scheme.grace_days:
        lasting = graced(standing)
        until = lasting.until if lasting else period.end + timedelta(days=scheme.grace_days)
        grace, after = Grace(until, scheme.code(after)), level
    tier = scheme.code(after)
    return structs.replace(standing, tier=tier, floor=tier, grace=grace)


def fallen_to(standing: Standing, scheme: Scheme, grace: Grace, progress: int) -> int:
    """Return the level that is left of the floor when a grace ends with so much progress in the new period: the same by
    what it takes to stay, else what the period's end decided, or what was reached since."""
    floor = scheme.level(standing.floor)
    tier = scheme.tier(floor)
    if tier is None or tier.stay <= progress:
        return floor
    return min(floor, max(scheme.level(grace.tier), scheme.reached(progress)))


def after_grace(
    standing: Standing, schemes: Schemes, sums: Sums, *, until: datetime
) -> tuple[Standing, list[Change]]:  # fmt: skip
    """Return a standing after its grace, as of its end, where that comes until an instant."""
    grace = standing.grace
    if grace is None or (end := instant_of(grace.until, schemes.timezone)) > until:
        return standing, []
    standing, over = lapsed(standing, before=end)
    scheme, progress = schemes.at(end), sums[graced_over(schemes, standing.period, grace)]
    floor = scheme.code(fallen_to(standing, scheme, grace, progress))
    tier = floor if graced(standing) else standing.tier
    after = structs.replace(standing, tier=tier, floor=floor, grace=None)
    standing, made = came_to(standing, after, end, Cause.GRACE_ENDED, None)
    return standing, [*over, *made]


def merged_grace(own: Standing, other: Standing, scheme: Scheme) -> Grace | None:
    """Return the grace of the higher floor of two members; of the same floor there is one where both have one."""
    (low, lower), (high, higher) = sorted(
        ((scheme.level(one.floor), one) for one in (own, other)), key=lambda found: found[0]
    )
    if higher.grace is None or (low == high and lower.grace is None):
        return None
    rest = lower.grace.tier if lower.grace else lower.floor
    tier = scheme.code(max(scheme.level(higher.grace.tier), scheme.level(rest)))
    both = [one.grace.until for one in (higher, lower) if one.grace and scheme.level(one.floor) == high]
    return Grace(max(both), tier)


def grace_spans(standing: Standing, schemes: Schemes, ended: Iterable[tuple[Scheme, Span]], last: Span) -> set[Span]:
    """Return the spans whose progress may decide when graces end: of the one that lasts, and of those that begin with
    the ends of periods; `last` is the period after these."""
    graces, periods = [standing.grace] if standing.grace else [], {last}
    for scheme, period in ended:
        periods.add(period)
        if scheme.grace_days:
            graces.append(Grace(period.end + timedelta(days=scheme.grace_days), None))
    return periods | {graced_over(schemes, last, one) for one in graces} if graces else set()
