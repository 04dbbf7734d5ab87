"""What is told late of the period that ended last lets its end be judged again, where a programme says so.

Who would have had a higher tier by it has that from then on. Who would have had a lower one falls to that, where
returns take tiers at once.
"""

from datetime import date, datetime, timedelta

from msgspec import structs

from points.tiers.rules.overrides import came_to
from points.tiers.rules.periods import Span, counted_on, instant_of
from points.tiers.rules.scheme import Scheme, Schemes
from points.tiers.rules.values import Cause, Change, Grace, Standing, Step, Sums
from shared.zones import local_day


def requalified(
    standing: Standing, schemes: Schemes, sums: Sums, step: Step, *, at: datetime
) -> tuple[Standing, list[Change]]:
    """Return a settled standing after a step as it was counted, if that is of the period which ended last.

    The end is judged by the scheme of then, with the step and without it: where both say the same, nothing changes.
    """
    scheme, last = schemes.at(at), standing.last
    if not scheme.requalify or last is None or not last.over.has(step.day):
        return standing, []
    then = schemes.at(instant_of(standing.period.first, schemes.timezone))
    level, progress = then.level(last.tier), sums[last.over]
    with_it, without = (
        scheme.level(then.code(then.at_end(level, one))) for one in (progress, progress - step.amount)
    )  # fmt: skip
    if with_it > without:
        return came_to(standing, _risen(standing, scheme, with_it), at, Cause.REQUALIFIED, step.reference)
    if with_it < without and scheme.returns == "at_once":
        today = local_day(at, schemes.timezone)
        span = counted_on(scheme.window, standing.period, today)
        after = _fallen(standing, scheme, (without, with_it), span, sums[span], today=today)
        return came_to(standing, after, at, Cause.TAKEN_BACK, step.reference)
    return standing, []


def _risen(standing: Standing, scheme: Scheme, level: int) -> Standing:
    """Return a standing whose period begins with a level at least; a grace is over, if that is what it keeps."""
    floor, grace = scheme.level(standing.floor), standing.grace
    if grace:
        grace = grace._replace(tier=scheme.code(max(scheme.level(grace.tier), level))) if level < floor else None
    floor = max(floor, level)
    tier = max(floor, scheme.level(standing.tier))
    return structs.replace(standing, tier=scheme.code(tier), floor=scheme.code(floor), grace=grace)


def _fallen(
    standing: Standing, scheme: Scheme, levels: tuple[int, int], span: Span, progress: int, *, today: date
) -> Standing:
    """Return a standing whose period begins with a lower level, in grace as at the end; not where it began with another
    one than by that end."""
    before, level = levels
    if standing.grace:
        return structs.replace(standing, grace=standing.grace._replace(tier=scheme.code(level)))
    if scheme.level(standing.floor) != before:
        return standing
    until = standing.period.first + timedelta(days=scheme.grace_days or 0)
    if today < until:
        return structs.replace(standing, grace=Grace(until, scheme.code(level)))
    floor = scheme.code(level)
    if standing.tier != standing.floor:
        return structs.replace(standing, floor=floor)
    reached = scheme.reached(progress) if scheme.upgrade == "at_once" else 0
    return structs.replace(standing, tier=scheme.code(max(level, reached)), floor=floor, counts_from=span.first)
