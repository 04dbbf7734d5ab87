"""Random tiers, earnings, returns, tiers by hand, merges, runs of the jobs and moves of time are as the slow way tells
them, after each step: it knows of no runs, so that none may change an answer."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from points.ledger.operations import merge_members, reverse_transaction
from points.members.operations import note_registered
from points.programmes.queries import MEMORY as PROGRAMMES
from points.programmes.queries import default_programme
from points.purchases.rules.purchases import Purchase
from points.tiers.errors import TierOverridden
from points.tiers.models import MemberTier, TierOverride
from points.tiers.operations import end_override, import_tiers, judge_periods, override_tier, tell_expiring
from points.tiers.queries import schemes
from points.tiers.rules import Start, effective
from shared.contracts.tiers import TierExpiring
from shared.ids import new_id
from shared.testing.messages import published
from shared.testing.roles import OPERATOR
from tests.factories import buy, give, make_programme, prove, take_back
from tests.tier_factories import ROLLING, changes, document, make_tiers, tier
from tests.tier_notice_reference import notices
from tests.tier_reference import Brought, Ended, Entry, Merged, Overridden, Reference
from tests.tier_strategies import BEGIN, DOCUMENTS, JOINED, LATE_DOCUMENTS, LATE_STEPS, STEPS, TIERS, ZONES

# Early enough for the proof, which leaves out what was earned in their first minute.
SINCE = BEGIN - timedelta(hours=1)
INSTANT = timedelta(microseconds=1)
pytestmark = pytest.mark.django_db


class Bought:
    """A purchase with what of its points is left."""

    def __init__(self, purchase: Purchase, occurred: datetime, left: int) -> None:
        self.purchase, self.occurred, self.left = purchase, occurred, left


class Person:
    """A member to whom all this happens, in the programme and in the reference."""

    def __init__(self, said: dict[str, Any], timezone: str, joined: datetime) -> None:
        self.id = new_id()
        note_registered([(self.id, joined)])
        self.reference = Reference(said, timezone, joined.astimezone(ZoneInfo(timezone)).date(), SINCE)
        self.earned: list[tuple[UUID, datetime, int]] = []
        self.bought: list[Bought] = []
        # How many changes there were when those that are written were compared.
        self.compared: int | None = None


class World:
    """Two members, of whom the second may be merged into the first."""

    def __init__(self, said: dict[str, Any], timezone: str, joined: Sequence[datetime]) -> None:
        make_programme(timezone=timezone, lot_days=None)
        make_tiers(
            *said["tiers"],
            at=SINCE,
            **{name: value for name, value in said.items() if name != "tiers"},
        )
        self.at = BEGIN
        self.one, self.other = (Person(said, timezone, one) for one in joined)
        self.merged_at: datetime | None = None
        # All that were ever given by hand, and when both jobs ran.
        self.by_hand: list[UUID] = []
        self.told: list[datetime] = []

    @property
    def is_merged(self) -> bool:
        return self.merged_at is not None

    def now(self, person: Person) -> Person:
        """Return whose a person's points are by now."""
        return self.one if self.is_merged else person

    def people(self) -> list[Person]:
        """Return whoever was not merged."""
        return [self.one] if self.is_merged else [self.one, self.other]

    def note(self, person: Person, occurred: datetime, amount: int) -> None:
        """Let the reference know what was posted now, of the day on which something occurred."""
        reference = self.now(person).reference
        reference.entries.append(Entry(self.at, reference.day_of(occurred), amount))


def _earn(world: World, who: Person, points: int, ago: timedelta) -> None:
    occurred = world.at - ago
    earning = give(world.now(who).id, points, at=world.at, occurred_at=occurred)
    world.now(who).earned.append((earning.id, occurred, points))
    world.note(who, occurred, points)


def _buy(world: World, who: Person, points: int) -> None:
    who = world.now(who)
    who.bought.append(Bought(buy(who.id, {"1": (1, points * 100)}, at=world.at), world.at, points))
    world.note(who, world.at, points)


def _return(world: World, who: Person, place: int, points: int) -> None:
    open_ones = [one for one in who.bought if one.left]
    if open_ones:
        one = open_ones[place % len(open_ones)]
        points = min(points, one.left)
        take_back(one.purchase, amount=points * 100, at=world.at)
        one.left -= points
        world.note(who, one.occurred, -points)


def _reverse(world: World, who: Person, place: int) -> None:
    # A merged member's earnings are undone by who imported them alone.
    if who.earned and world.now(who) is who:
        earning, occurred, points = who.earned.pop(place % len(who.earned))
        reverse_transaction(earning, reason="wrong", actor_id=OPERATOR.id, at=world.at)
        world.note(who, occurred, -points)


def _wait(world: World, _who: Person, hours: int) -> None:
    world.at += timedelta(hours=hours)


def _merge(world: World, _who: Person) -> None:
    if not world.is_merged:
        told = world.other.reference.story(world.at)
        ids = {"from_member_id": world.other.id, "into_member_id": world.one.id}
        merge_members(**ids, reason="two cards", actor_id=OPERATOR.id, at=world.at)
        world.one.reference.entries.append(Merged(world.at, world.other.reference))
        world.merged_at = world.at
        lowest = 0 if told.tiers[0]["enter"] else 1
        gone = [(told.code(told.shown), told.code(lowest), world.at, "merged")] if told.shown != lowest else []
        assert changes(world.other.id) == told.changes + gone


def _override(world: World, who: Person, code: str, hours: int | None) -> None:
    who = world.now(who)
    programme = default_programme()
    until = None if hours is None else world.at + timedelta(hours=hours)
    if hours == 0:
        until = who.reference.begin_of(tier(who.id, at=world.at).standing.period.end)
    said: dict[str, Any] = {"tier": code, "reason": "a friend", "until": until, "actor_id": OPERATOR.id, "at": world.at}
    if who.reference.story(world.at).override:
        with pytest.raises(TierOverridden), transaction.atomic():
            override_tier(programme, who.id, **said)
    else:
        world.by_hand.append(override_tier(programme, who.id, **said).id)
        who.reference.entries.append(Overridden(world.at, code, until, len(world.by_hand) - 1))


def _end_override(world: World, _who: Person, place: int) -> None:
    """End one of all that were ever given by hand, again where it is over: of whoever has it now, if anybody has."""
    if world.by_hand:
        place %= len(world.by_hand)
        before = TierOverride.objects.get(id=world.by_hand[place])
        ended = end_override(default_programme(), before.id, actor_id=OPERATOR.id, at=world.at)
        has = [one for one in world.people() if (it := one.reference.story(world.at).override) and it.place == place]
        for one in has:
            one.reference.entries.append(Ended(world.at))
        over = (before.ended_at or before.until, before.ended_by)
        assert (ended.ended_at, ended.ended_by) == ((world.at, OPERATOR.id) if has else over)


JOBS = {"judge": [judge_periods], "tell": [tell_expiring], "both": [judge_periods, tell_expiring]}


def run_jobs(world: World, _who: Person, name: str) -> None:
    """Run jobs; another run of the same moment has nothing to do."""
    for job in JOBS[name]:
        job(at=world.at)
        assert job(at=world.at) == 0
    if name == "both":
        world.told.append(world.at)
    if name != "tell":
        assert not TierOverride.objects.filter(ended_at=None, until__lte=world.at).exists()
        for one in world.people():
            assert changes(one.id) == one.reference.story(world.at).changes


def _bring(world: World, who: Person, code: str) -> None:
    who = world.now(who)
    import_tiers(default_programme(), [Start(who.id, code)], actor_id=OPERATOR.id, at=world.at)
    who.reference.entries.append(Brought(world.at, code))


RUN = {
    "earn": _earn,
    "buy": _buy,
    "return": _return,
    "reverse": _reverse,
    "wait": _wait,
    "merge": _merge,
    "override": _override,
    "end_override": _end_override,
    "bring": _bring,
    "run": run_jobs,
}


def check(world: World, person: Person) -> None:
    """Assert that the programme tells what the reference tells."""
    told = person.reference.story(world.at)
    found = tier(person.id, at=world.at)
    assert (effective(found.standing), found.standing.tier) == (told.code(told.shown), told.code(told.tier))
    assert (found.progress, found.at_end) == told.progress(person.reference.flat(), world.at)
    projected = found.projected
    assert (projected.code if projected else None) == told.code(told.projected(found.at_end))
    assert (found.grace.until if found.grace else None) == told.graced
    assert found.standing.changes == len(told.changes)
    if person.compared != len(told.changes):
        written, person.compared = changes(person.id), len(told.changes)
        # What no run has judged yet is not written; it is what was answered.
        assert written == told.changes[: len(written)]


def check_at_end(world: World) -> None:
    """Assert that all that is written and was told of a story is what the slow way tells, and prove the ledger."""
    for person in world.people():
        person.compared = None
        check(world, person)
    for person, until in ((world.one, None), (world.other, world.merged_at)):
        check_notices(world, person, until or world.at + INSTANT)
    assert not (world.is_merged and MemberTier.objects.filter(member_id=world.other.id).exists())
    prove()


def check_notices(world: World, person: Person, until: datetime) -> None:
    """Assert that a member was told what the slow way tells, once; for sure where jobs ran in time."""
    due = list(notices(person.reference, until))
    sure = [one.said for one in due if any(one.at < ran < min(one.over, until) for ran in world.told)]
    told = [one for one in published(TierExpiring) if one.member_id == person.id]
    found = Counter((one.tier, one.projected, one.missing, one.until, one.grace_until) for one in told)
    assert Counter(sure) <= found <= Counter(one.said for one in due)


# Both have a tier by hand; the one that the merge ended is ended again, and then the other one, twice.
ENDED_AGAIN: Any = [
    (False, ("earn", 250, timedelta(0))),
    (False, ("override", "silver", None)),
    (True, ("override", "gold", None)),
    (True, ("run", "both")),
    (True, ("merge",)),
    *[(True, ("end_override", place)) for place in (0, 1, 1, 0)],
    (True, ("wait", 24 * 5)),
    (True, ("run", "both")),
]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    said=DOCUMENTS,
    timezone=st.sampled_from(ZONES),
    joined=st.tuples(st.sampled_from(JOINED), st.sampled_from(JOINED)),
    steps=STEPS,
)
@example(
    said=document(*TIERS, window=ROLLING, upgrade="at_once", returns="at_once", downgrade="one", notice_days=5),
    timezone=ZONES[0],
    joined=JOINED,
    steps=ENDED_AGAIN,
)
def test_tiers_are_as_the_slow_way_tells_them(
    said: dict[str, Any], timezone: str, joined: Sequence[datetime], steps: Sequence[Any]
) -> None:
    _happens(said, timezone, joined, steps)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=LATE_DOCUMENTS, timezone=st.sampled_from(ZONES), steps=LATE_STEPS)
def test_what_is_told_late_is_judged_as_the_slow_way_judges_it(
    said: dict[str, Any], timezone: str, steps: Sequence[Any]
) -> None:
    _happens(said, timezone, JOINED, [(True, step) for step in steps])


def _happens(said: dict[str, Any], timezone: str, joined: Sequence[datetime], steps: Sequence[Any]) -> None:
    with transaction.atomic():
        world = World(said, timezone, joined)
        for is_first, (name, *values) in steps:
            RUN[name](world, world.one if is_first else world.other, *values)
            for person in world.people():
                check(world, person)
        check_at_end(world)
        transaction.set_rollback(True)
    for memory in (PROGRAMMES, schemes.MEMORY):
        memory.invalidate()
