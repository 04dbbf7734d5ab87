"""How a member stands, and how that moves: by what is earned and taken back, and at the end of each period.

A member's tier is the higher of the one that they began the period with (`floor`) and of what they reached in it. So a
return takes a tier that it takes the ground from, and never one that was kept from the period before.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct, structs

from points.tiers.rules.periods import Span, counted_on, instant_of, judged_over, period_from, period_of
from points.tiers.rules.scheme import Rolling, Scheme, Schemes
from shared.zones import local_day


class Cause(StrEnum):
    """Why a tier changed."""

    EARNED = "earned"
    TAKEN_BACK = "taken_back"
    PERIOD_END = "period_end"
    MERGED = "merged"


class Standing(Struct, frozen=True, kw_only=True):
    """How a member stands in a programme, by the codes of tiers (None for no tier).

    `period` ends when the tier is next judged. `counts_from` is the first day of what the tier was reached by.
    `anchor` is the day from which the member's own periods are counted, `changes` how many there were.
    """

    tier: str | None
    floor: str | None
    since: datetime | None
    cause: str
    period: Span
    counts_from: date
    anchor: date
    changes: int = 0


class Change(NamedTuple):
    """A member came from one tier to another, at an instant, because of a transaction or a merge where there is a
    reference."""

    before: str | None
    after: str | None
    at: datetime
    cause: Cause
    reference: UUID | None = None


class Step(NamedTuple):
    """What a transaction does to progress: so much more or less on the day on which it was earned."""

    day: date
    amount: int
    reference: UUID


class Sums:
    """How much progress there is in spans of days, as it grows and shrinks."""

    def __init__(self, found: dict[Span, int]) -> None:
        self._found = dict(found)

    def __getitem__(self, span: Span) -> int:
        return self._found[span]

    def move(self, step: Step) -> int:
        """Move what a step does, and return how much that was: no day counts less than nothing."""
        amount = max(step.amount, -self._found[_one(step.day)]) if step.amount < 0 else step.amount
        for span in self._found:
            if span.has(step.day):
                self._found[span] += amount
        return amount


def _one(day: date) -> Span:
    return Span(day, date.fromordinal(day.toordinal() + 1))


def opened(schemes: Schemes, *, joined: datetime, at: datetime) -> Standing:
    """Return the standing of a member of whom nothing was counted yet, who joined at an instant."""
    scheme, today = schemes.at(at), local_day(at, schemes.timezone)
    anchor = today if isinstance(scheme.window, Rolling) else local_day(joined, schemes.timezone)
    period = period_of(scheme.window, today, anchor=anchor)
    code = scheme.code(scheme.lowest)
    first = counted_on(scheme.window, period, today).first
    return Standing(
        tier=code, floor=code, since=None, cause="", period=period, counts_from=first, anchor=anchor
    )  # fmt: skip


def spans_of(standing: Standing, schemes: Schemes, days: Iterable[date], *, at: datetime) -> set[Span]:
    """Return the spans whose progress decides what becomes of a standing until an instant, and by steps on days."""
    ended = list(_ended(standing, schemes, at=at))
    found = {judged_over(scheme.window, period) for scheme, period, _ in ended}
    period = ended[-1][2] if ended else standing.period
    current = _counted(schemes, period, at)
    found |= {current, Span(standing.counts_from, current.end), judged_over(schemes.at(at).window, period)}
    return found | {_one(day) for day in days}


def settled(standing: Standing, schemes: Schemes, sums: Sums, *, at: datetime) -> tuple[Standing, list[Change]]:
    """Return a standing after the ends of all its periods until an instant, each judged as of its boundary."""
    changes = []
    for scheme, period, after in _ended(standing, schemes, at=at):
        level = scheme.level(standing.tier)
        tier = scheme.code(scheme.at_end(level, sums[judged_over(scheme.window, period)]))
        boundary = instant_of(period.end, schemes.timezone)
        standing, made = _moved(standing, tier, boundary, Cause.PERIOD_END, None)
        changes += made
        first = counted_on(scheme.window, after, after.first).first
        standing = structs.replace(standing, floor=tier, period=after, counts_from=first)
    return standing, changes


def stepped(
    standing: Standing, schemes: Schemes, sums: Sums, steps: Sequence[Step], *, at: datetime
) -> tuple[Standing, list[Change], list[Step]]:
    """Return a settled standing after steps, one after the other, and the steps as they were counted."""
    scheme, span = schemes.at(at), _counted(schemes, standing.period, at)
    changes, counted = list[Change](), list[Step]()
    for step in steps:
        counted.append(step._replace(amount=sums.move(step)))
        tier = _after_step(standing, scheme, sums, span, step)
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

    It goes on in its own period, with the higher tier of both, or what both together reach at once.
    """
    scheme = schemes.at(at)
    span = _counted(schemes, own.period, at)
    level, floor = (max(map(scheme.level, codes)) for codes in ((own.tier, other.tier), (own.floor, other.floor)))
    reached = scheme.reached(sums[span]) if scheme.upgrade == "at_once" else 0
    own = structs.replace(own, floor=scheme.code(floor), counts_from=span.first if reached > level else own.counts_from)
    return _moved(own, scheme.code(max(level, reached)), at, Cause.MERGED, reference)


def left(
    standing: Standing, schemes: Schemes, *, at: datetime, reference: UUID
) -> tuple[Standing, list[Change]]:  # fmt: skip
    """Return the standing of a member who was merged into another: where everybody begins."""
    scheme = schemes.at(at)
    return _moved(standing, scheme.code(scheme.lowest), at, Cause.MERGED, reference)


def _after_step(
    standing: Standing, scheme: Scheme, sums: Sums, span: Span, step: Step
) -> tuple[int, Cause] | None:  # fmt: skip
    """Return the level after a step, and why; None where the step cannot move it."""
    level, floor = scheme.level(standing.tier), scheme.level(standing.floor)
    if step.amount > 0 and scheme.upgrade == "at_once":
        return max(level, scheme.reached(sums[span])), Cause.EARNED
    if step.amount < 0 and scheme.returns == "at_once" and level > floor:
        held = scheme.reached(sums[Span(standing.counts_from, span.end)])
        return max(floor, min(level, held)), Cause.TAKEN_BACK
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
    if tier == standing.tier:
        return standing, []
    change = Change(standing.tier, tier, at, cause, reference)
    moved = structs.replace(standing, tier=tier, since=at, cause=str(cause), changes=standing.changes + 1)
    return moved, [change]
