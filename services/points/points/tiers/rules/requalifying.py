"""What is told late of the period that ended last lets its end be judged again, as if it had been told in time, where a
programme says so.

Who would have had a higher tier by it has that from then on. Who would have had a lower one falls to that, where
returns take tiers at once.
"""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from msgspec import structs

from points.tiers.rules.overrides import came_to
from points.tiers.rules.periods import Span, counted_on, instant_of
from points.tiers.rules.scheme import Scheme, Schemes
from points.tiers.rules.values import Cause, Change, Grace, Standing, Step, Sums
from shared.zones import local_day


class _Decided(NamedTuple):
    """What an end decides, by levels: which one the next period begins with, and which one is left after its grace."""

    floor: int
    falling: int

    @property
    def is_graced(self) -> bool:
        return self.falling < self.floor


def requalified(
    standing: Standing, schemes: Schemes, sums: Sums, step: Step, *, at: datetime
) -> tuple[Standing, list[Change]]:
    """Return a settled standing after a step as it was counted, if that is of the period which ended last.

    The end is judged by the scheme of then, with the step and without it: where both decide the same, no tier changes.
    """
    scheme, last = schemes.at(at), standing.last
    if not scheme.requalify or last is None or not last.over.has(step.day) or not step.amount:
        return standing, []
    then, today = schemes.at(instant_of(standing.period.first, schemes.timezone)), local_day(at, schemes.timezone)
    level, after = then.level(last.tier), sums[last.over]
    held = _held(then, level, then.level(last.floor), after - step.amount, after)
    standing = structs.replace(standing, last=last._replace(tier=then.code(held)))
    ends = ((level, after - step.amount), (held, after))
    was, now = (_decided(then, scheme, *one, is_over=today >= _until(standing, then)) for one in ends)
    if now == was or (step.amount < 0 and scheme.returns != "at_once"):
        return standing, []
    if step.amount > 0:
        return came_to(standing, _risen(standing, scheme, now), at, Cause.REQUALIFIED, step.reference)
    span = counted_on(scheme.window, standing.period, today)
    fallen = _fallen(standing, scheme, was, now, span, sums[span], until=_until(standing, then))
    return came_to(standing, fallen, at, Cause.TAKEN_BACK, step.reference)


def _held(scheme: Scheme, level: int, floor: int, before: int, after: int) -> int:
    """Return the level at the end, had a step been told in time: it might have let the member rise, or taken what the
    period had reached."""
    held = scheme.reached(after)
    if after > before:
        return max(level, held) if scheme.upgrade == "at_once" else level
    is_taken = scheme.returns == "at_once" and held < scheme.reached(before)
    return max(floor, min(level, held)) if is_taken and level > floor else level


def _until(standing: Standing, then: Scheme) -> date:
    """Return the day with which the grace of the end is over; the period's first one, where there was none."""
    return standing.grace.until if standing.grace else standing.period.first + timedelta(days=then.grace_days or 0)


def _decided(then: Scheme, now: Scheme, level: int, progress: int, *, is_over: bool) -> _Decided:
    """Return what the end of a period decides, by the levels of now; after the days of grace it has no more of it."""
    falling = now.level(then.code(then.at_end(level, progress)))
    kept = now.level(then.code(level))
    return _Decided(falling if is_over else max(kept, falling), falling)


def _risen(standing: Standing, scheme: Scheme, now: _Decided) -> Standing:
    """Return a standing whose period begins with a level at least; a grace is over, if that is what it keeps."""
    floor, grace = scheme.level(standing.floor), standing.grace
    if grace and now.is_graced:
        grace = grace._replace(tier=scheme.code(max(scheme.level(grace.tier), now.falling)))
    elif grace and now.floor >= floor:
        grace = None
    floor = max(floor, now.floor)
    tier = max(floor, scheme.level(standing.tier))
    return structs.replace(standing, tier=scheme.code(tier), floor=scheme.code(floor), grace=grace)


def _fallen(
    standing: Standing, scheme: Scheme, was: _Decided, now: _Decided, span: Span, progress: int, *, until: date
) -> Standing:
    """Return a standing whose period begins with a lower level, in grace as at the end; not where it began with another
    one than by that end, nor with a higher one."""
    floor = scheme.level(standing.floor)
    if floor != was.floor or (now.floor, now.falling) > (was.floor, was.falling):
        return standing
    grace = Grace(until, scheme.code(now.falling)) if now.is_graced else None
    after = structs.replace(standing, floor=scheme.code(now.floor), grace=grace)
    if standing.tier != standing.floor:
        return after
    reached = scheme.reached(progress) if scheme.upgrade == "at_once" else 0
    return structs.replace(after, tier=scheme.code(max(now.floor, reached)), counts_from=span.first)
