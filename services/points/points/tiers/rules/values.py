"""What is decided about a member's tier, and by what."""

from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from points.tiers.rules.periods import Span


class Cause(StrEnum):
    """Why a tier changed."""

    EARNED = "earned"
    TAKEN_BACK = "taken_back"
    PERIOD_END = "period_end"
    GRACE_ENDED = "grace_ended"
    REQUALIFIED = "requalified"
    MERGED = "merged"
    OVERRIDE = "override"
    OVERRIDE_ENDED = "override_ended"
    IMPORTED = "imported"


class Override(NamedTuple):
    """A tier that somebody gave a member by hand: until an instant, or until somebody ends it."""

    id: UUID
    tier: str
    until: datetime | None


class Grace(NamedTuple):
    """A tier that was not earned again is kept until a day begins; then the member falls to `tier`, if no progress of
    the new period says better."""

    until: date
    tier: str | None


class Last(NamedTuple):
    """The end of the period before: the days whose progress decided then, the tier that was judged, and the one that
    the member had begun that period with."""

    over: Span
    tier: str | None
    floor: str | None


class Standing(Struct, frozen=True, kw_only=True):
    """How a member stands in a programme, by the codes of tiers (None for no tier).

    `tier` is the computed one; `points.tiers.rules.effective` says which one the member has. `since`, `cause` and
    `changes` (how many there were) are of that one. `period` ends when the tier is next judged. `counts_from` is the
    first day of what the tier was reached by. `anchor` is the day from which the member's own periods are counted.
    `is_told` is whether it was looked at, in this period, if the member is to be told of its end.
    `grace` is of the floor, and so is `last`, where the floor is by the end of a period alone.
    """

    tier: str | None
    floor: str | None
    since: datetime | None
    cause: str
    period: Span
    counts_from: date
    anchor: date
    changes: int = 0
    is_told: bool = False
    grace: Grace | None = None
    override: Override | None = None
    last: Last | None = None


class Change(NamedTuple):
    """A member came from one tier to another, at an instant, because of a transaction, a merge, an override or an
    import where there is a reference."""

    before: str | None
    after: str | None
    at: datetime
    cause: Cause
    reference: UUID | None = None


class Notice(NamedTuple):
    """What a member is told before a period's end: the tier, what it would be then, how much progress is missing to
    stay, until when, and until when the tier is kept all the same, where there is grace."""

    tier: str
    projected: str | None
    missing: int
    until: datetime
    grace_until: datetime | None


class Step(NamedTuple):
    """What a transaction does to progress: so much more or less on the day on which it was earned."""

    day: date
    amount: int
    reference: UUID


class Sums:
    """How much progress there is in spans of days, as it grows and shrinks."""

    def __init__(self, found: dict[Span, int]) -> None:
        self._found = dict(found)

    def copy(self) -> "Sums":
        """Return sums that move by themselves."""
        return Sums(self._found)

    def __getitem__(self, span: Span) -> int:
        return self._found[span]

    def move(self, step: Step) -> int:
        """Move what a step does, and return how much that was: no day counts less than nothing."""
        amount = max(step.amount, -self._found[one_day(step.day)]) if step.amount < 0 else step.amount
        for span in self._found:
            if span.has(step.day):
                self._found[span] += amount
        return amount


def one_day(day: date) -> Span:
    """Return the span of a day."""
    return Span(day, date.fromordinal(day.toordinal() + 1))
