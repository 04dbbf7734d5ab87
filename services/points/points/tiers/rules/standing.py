"""How a member stands, and how that moves: by what is earned and taken back, and at the end of each period.

A member's tier is the higher of the one that they began the period with (`floor`) and of what they reached in it. So a
return takes a tier that it takes the ground from, and never one that was kept from the period before. What would be
lost at a period's end may be kept for some days of grace. All this goes on below an override, which changes what the
member has and nothing else.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import structs

from points.tiers.rules.grace import after_grace, grace_spans, judged, merged_grace
from points.tiers.rules.overrides import came_to, lapsed
from points.tiers.rules.periods import Span, counted_on, instant_of, judged_over, period_from, period_of
from points.tiers.rules.requalifying import requalified
from points.tiers.rules.scheme import Anniversary, Rolling, Scheme, Schemes
from points.tiers.rules.values import Cause, Change, Last, Standing, Step, Sums, one_day
from shared.zones import local_day

_DAY = timedelta(days=1)


def opened(schemes: Schemes, *, joined: datetime, at: datetime) -> Standing:
    """Return the standing of a member of whom nothing was counted yet, who joined at an instant."""
    scheme, today = schemes.at(at), local_day(at, schemes.timezone)
    anchor = today if isinstance(scheme.window, Rolling) else local_day(joined, schemes.timezone)
    period = period_of(scheme.window, today, anchor=anchor)
    code = scheme.code(scheme.lowest)
    first = counted_on(scheme.window, period, today).first
    last = _never_stood(schemes, period, anchor)
    return Standing(
        tier=code, floor=code, since=None, cause="", period=period, counts_from=first, anchor=anchor, last=last
    )  # fmt: skip


def _never_stood(schemes: Schemes, period: Span, anchor: date) -> Last | None:
    """Return the end of the period before for whom nothing was counted in it, where it was one of the member's."""
    boundary = instant_of(period.first, schemes.timezone)
    scheme, day = schemes.at(boundary), period.first - _DAY
    if boundary <= schemes.versions[0].at or isinstance(scheme.window, Rolling):
        return None
    before = period_of(scheme.window, day, anchor=anchor)
    if isinstance(scheme.window, Anniversary) and day < anchor:
        return None
    code = scheme.code(scheme.lowest)
    return Last(Span(before.first, period.first), code, code)


def spans_of(standing: Standing, schemes: Schemes, days: Iterable[date], *, at: datetime) -> set[Span]:
    """Return the spans whose progress decides what becomes of a standing until an instant, and by steps on days."""
    ended = list(_ended(standing, schemes, at=at))
    found = {judged_over(scheme.window, period) for scheme, period, _ in ended}
    period = ended[-1][2] if ended else standing.period
    current = _counted(schemes, period, at)
    found |= {current, Span(standing.counts_from, current.end), judged_over(schemes.at(at).window, period)}
    if standing.last and not ended and schemes.at(at).requalify:
        found.add(standing.last.over)
    found |= grace_spans(standing, schemes, [one[:2] for one in ended], period)
    found |= {after for _, _, after in ended}
    return found | {one_day(day) for day in days}


def settled(standing: Standing, schemes: Schemes, sums: Sums, *, at: datetime) -> tuple[Standing, list[Change]]:
    """Return a standing after the ends of all its periods and graces until an instant, each judged as of its boundary,
    and of its override, which is over at an instant after all else that is of it."""
    changes = list[Change]()
    for scheme, period, after in _ended(standing, schemes, at=at):
        boundary = instant_of(period.end, schemes.timezone)
        standing, graceful = after_grace(standing, schemes, sums, until=boundary)
        standing, over = lapsed(standing, before=boundary)
        progress = sums[judged_over(scheme.window, period)]
        last = Last(judged_over(scheme.window, period), standing.tier, standing.floor)
        decided = structs.replace(judged(standing, scheme, period, progress), last=last)
        decided = _begun(decided, scheme, sums[after])
        standing, made = came_to(standing, decided, boundary, Cause.PERIOD_END, None)
        changes += [*graceful, *over, *made]
        first = counted_on(scheme.window, after, after.first).first
        standing = structs.replace(standing, period=after, counts_from=first, is_told=False)
    standing, graceful = after_grace(standing, schemes, sums, until=at)
    standing, over = lapsed(standing, until=at)
    return standing, [*changes, *graceful, *over]


def _begun(decided: Standing, scheme: Scheme, told_ahead: int) -> Standing:
    """Return the standing with which a period begins, of which something was told some minutes ahead of it."""
    reached = scheme.reached(told_ahead) if told_ahead and scheme.upgrade == "at_once" else 0
    if isinstance(scheme.window, Rolling) or reached <= scheme.level(decided.tier):
        return decided
    return structs.replace(decided, tier=scheme.code(reached))


def stepped(
    standing: Standing, schemes: Schemes, sums: Sums, steps: Sequence[Step], *, at: datetime
) -> tuple[Standing, list[Change], list[Step]]:
    """Return a settled standing after steps, one after the other, and the steps as they were counted."""
    scheme, span = schemes.at(at), _counted(schemes, standing.period, at)
    changes, counted = list[Change](), list[Step]()
    for step in steps:
        counted.append(step._replace(amount=sums.move(step)))
        standing, made = requalified(standing, schemes, sums, counted[-1], at=at)
        changes += made
        tier = _after_step(standing, scheme, sums, span, counted[-1])
        if tier is not None and tier[0] != scheme.level(standing.tier):
            level, cause = tier
            if cause is Cause.EARNED:
                standing = structs.replace(standing, counts_from=span.first)
            standing, made = _moved(standing, scheme.code(level), at, cause, step.reference)
            changes += made
    return standing, changes, counted


def merged(
    own: Standing, other: Standing, schemes: Schemes, sums: Sums, *, at: datetime, reference: UUID
) -> tuple[Standing, list[Change]]:
    """Return the standing of a member into whom another was merged, both settled, by the sums of both.

    It goes on in its own period, with the higher tier of both, or what both together reach at once, and with the
    other's override where it has none.
    """
    scheme = schemes.at(at)
    span = _counted(schemes, own.period, at)
    level, floor = (max(map(scheme.level, codes)) for codes in ((own.tier, other.tier), (own.floor, other.floor)))
    reached = scheme.reached(sums[span]) if scheme.upgrade == "at_once" else 0
    first = span.first if reached > level else own.counts_from
    said: dict[str, Any] = {"tier": scheme.code(max(level, reached)), "override": own.override or other.override}
    said["grace"] = merged_grace(own, other, scheme)
    after = structs.replace(own, last=None, floor=scheme.code(floor), counts_from=first, **said)
    return came_to(own, after, at, Cause.MERGED, reference)


def left(
    standing: Standing, schemes: Schemes, *, at: datetime, reference: UUID
) -> tuple[Standing, list[Change]]:  # fmt: skip
    """Return the standing of a member who was merged into another: where everybody begins."""
    scheme = schemes.at(at)
    after = structs.replace(standing, tier=scheme.code(scheme.lowest), grace=None, override=None)
    return came_to(standing, after, at, Cause.MERGED, reference)


def _after_step(
    standing: Standing, scheme: Scheme, sums: Sums, span: Span, step: Step
) -> tuple[int, Cause] | None:  # fmt: skip
    """Return the level after a step as it was counted, and why; None where the step cannot move it.

    What comes back takes a tier where it goes below a threshold: thresholds that were raised since take none.
    """
    level, floor = scheme.level(standing.tier), scheme.level(standing.floor)
    if step.amount > 0 and scheme.upgrade == "at_once":
        return max(level, scheme.reached(sums[span])), Cause.EARNED
    if step.amount < 0 and scheme.returns == "at_once" and level > floor:
        held_by = Span(standing.counts_from, span.end)
        progress = sums[held_by]
        held, held_before = scheme.reached(progress), progress - step.amount if held_by.has(step.day) else progress
        return (max(floor, min(level, held)), Cause.TAKEN_BACK) if held < scheme.reached(held_before) else None
    return None


def _counted(schemes: Schemes, period: Span, at: datetime) -> Span:
    return counted_on(schemes.at(at).window, period, local_day(at, schemes.timezone))


def _ended(standing: Standing, schemes: Schemes, *, at: datetime) -> Iterable[tuple[Scheme, Span, Span]]:
    """Yield the periods that have ended until an instant, each with the scheme that judges it and the one after it."""
    period = standing.period
    while (boundary := instant_of(period.end, schemes.timezone)) <= at:
        scheme = schemes.at(boundary)
        after = period_from(scheme.window, period.end, anchor=standing.anchor)
        yield scheme, period, after
        period = after


def _moved(
    standing: Standing, tier: str | None, at: datetime, cause: Cause, reference: UUID | None
) -> tuple[Standing, list[Change]]:
    return came_to(standing, structs.replace(standing, tier=tier), at, cause, reference)
