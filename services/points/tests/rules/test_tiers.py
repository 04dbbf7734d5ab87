"""Standings as rules move them, against the slow way; no database."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from points.tiers.rules import Change, Schemes, Since, Step, Sums, opened, read_scheme, settled, spans_of, stepped
from shared.ids import new_id
from tests.tier_reference import Entry, Reference, Told
from tests.tier_strategies import BEGIN, DOCUMENTS, JOINED, LATE_DOCUMENTS, MANY_STEPS, ZONES


class Member:
    """A member in memory, and in the reference."""

    def __init__(self, said: dict[str, Any], timezone: str, joined: datetime) -> None:
        self.schemes = Schemes(timezone, [Since(BEGIN, 1, read_scheme(said))])
        self.reference = Reference(said, timezone, joined.astimezone(ZoneInfo(timezone)).date(), BEGIN)
        self.standing = None
        self.joined, self.at = joined, BEGIN
        self.days: dict[date, int] = defaultdict(int)
        self.changes: list[Change] = []
        self.open: list[list[Any]] = []

    def sums(self, standing: Any, days: Sequence[date]) -> Sums:
        spans = spans_of(standing, self.schemes, days, at=self.at)
        return Sums({span: sum(some for day, some in self.days.items() if span.has(day)) for span in spans})

    def settle(self) -> Any:
        """Judge what is over, as a run does."""
        if self.standing:
            self.standing, made = settled(self.standing, self.schemes, self.sums(self.standing, ()), at=self.at)
            self.changes += made

    def step(self, day: date, amount: int) -> None:
        standing = self.standing or opened(self.schemes, joined=self.joined, at=self.at)
        sums = self.sums(standing, [day])
        standing, ended = settled(standing, self.schemes, sums, at=self.at)
        steps = [Step(day, amount, new_id())]
        self.standing, made, counted = stepped(standing, self.schemes, sums, steps, at=self.at)
        self.changes += [*ended, *made]
        self.days[day] += counted[0].amount
        self.reference.entries.append(Entry(self.at, day, amount))


def _earn(member: Member, points: int, ago: timedelta = timedelta(0)) -> None:
    day = member.reference.day_of(member.at - ago)
    member.open.append([day, points])
    member.step(day, points)


def _take(member: Member, place: int, points: int | None = None) -> None:
    if left := [one for one in member.open if one[1]]:
        one = left[place % len(left)]
        amount = one[1] if points is None else min(points, one[1])
        one[1] -= amount
        member.step(one[0], -amount)


def _wait(member: Member, hours: int) -> None:
    member.at += timedelta(hours=hours)


RUN = {"earn": _earn, "buy": _earn, "return": _take, "reverse": _take, "wait": _wait}


def check(member: Member, told: Told) -> None:
    """Assert that the member stands as the story tells."""
    assert member.standing
    assert member.standing.tier == told.code(told.tier)
    assert [(one.before, one.after, one.at, str(one.cause)) for one in member.changes] == told.changes


@settings(max_examples=600)
@given(
    said=DOCUMENTS | LATE_DOCUMENTS,
    timezone=st.sampled_from(ZONES),
    joined=st.sampled_from(JOINED),
    steps=MANY_STEPS,
    runs=st.booleans(),
)
def test_standings_are_as_the_slow_way_tells_them_whenever_a_run_comes(
    said: dict[str, Any], timezone: str, joined: datetime, steps: Sequence[Any], runs: bool
) -> None:
    member = Member(said, timezone, joined)
    for name, *values in steps:
        RUN[name](member, *values)
        if runs:
            member.settle()
    member.settle()
    if member.standing:
        check(member, member.reference.story(member.at))
