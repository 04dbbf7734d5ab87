"""Random tiers, earnings, returns and moves of time are as the slow way tells them, after each step."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from points.ledger.operations import reverse_transaction
from points.members.operations import note_registered
from points.programmes.queries import MEMORY as PROGRAMMES
from points.purchases.rules.purchases import Purchase
from points.tiers.queries import schemes
from shared.ids import new_id
from shared.testing.roles import OPERATOR
from tests.factories import buy, give, make_programme, take_back
from tests.tier_factories import changes, make_tiers, tier
from tests.tier_reference import Entry, Reference
from tests.tier_strategies import BEGIN, DOCUMENTS, JOINED, STEPS, ZONES

pytestmark = pytest.mark.django_db


class World:
    """A member to whom all this happens, in the programme and in the reference."""

    def __init__(self, said: dict[str, Any], timezone: str, joined: datetime) -> None:
        make_programme(timezone=timezone, lot_days=None)
        self.member, self.at = new_id(), BEGIN
        note_registered([(self.member, joined)])
        make_tiers(*said["tiers"], at=BEGIN, **{name: value for name, value in said.items() if name != "tiers"})
        self.reference = Reference(said, timezone, joined=joined.astimezone(ZoneInfo(timezone)).date())
        self.earned: list[tuple[UUID, datetime, int]] = []
        self.bought: list[Bought] = []

    def note(self, occurred: datetime, amount: int) -> None:
        """Let the reference know what was posted now, of the day on which something occurred."""
        self.reference.entries.append(Entry(self.at, self.reference.day_of(occurred), amount))


class Bought:
    """A purchase with what of its points is left."""

    def __init__(self, purchase: Purchase, occurred: datetime, left: int) -> None:
        self.purchase, self.occurred, self.left = purchase, occurred, left


def _earn(world: World, points: int, ago: timedelta) -> None:
    occurred = world.at - ago
    world.earned.append((give(world.member, points, at=world.at, occurred_at=occurred).id, occurred, points))
    world.note(occurred, points)


def _buy(world: World, points: int) -> None:
    world.bought.append(Bought(buy(world.member, {"1": (1, points * 100)}, at=world.at), world.at, points))
    world.note(world.at, points)


def _return(world: World, place: int, points: int) -> None:
    open_ones = [one for one in world.bought if one.left]
    if open_ones:
        one = open_ones[place % len(open_ones)]
        points = min(points, one.left)
        take_back(one.purchase, amount=points * 100, at=world.at)
        one.left -= points
        world.note(one.occurred, -points)


def _reverse(world: World, place: int) -> None:
    if world.earned:
        earning, occurred, points = world.earned.pop(place % len(world.earned))
        reverse_transaction(earning, reason="wrong", actor_id=OPERATOR.id, at=world.at)
        world.note(occurred, -points)


def _wait(world: World, hours: int) -> None:
    world.at += timedelta(hours=hours)


RUN = {"earn": _earn, "buy": _buy, "return": _return, "reverse": _reverse, "wait": _wait}


def check(world: World) -> None:
    """Assert that the programme tells what the reference tells."""
    told = world.reference.story(world.at)
    found = tier(world.member, at=world.at)
    assert found.standing.tier == told.code(told.tier)
    assert (found.progress, found.at_end) == told.progress(world.reference.entries, world.at)
    projected = found.projected
    assert (projected.code if projected else None) == told.code(told.judged(found.at_end))
    written = changes(world.member)
    # What no run has judged yet is not written; it is what was answered.
    assert written == told.changes[: len(written)]
    assert found.standing.changes == len(told.changes)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    said=DOCUMENTS,
    timezone=st.sampled_from(ZONES),
    joined=st.sampled_from(JOINED),
    steps=STEPS,
)
def test_tiers_are_as_the_slow_way_tells_them(
    said: dict[str, Any], timezone: str, joined: datetime, steps: Sequence[Any]
) -> None:
    with transaction.atomic():
        world = World(said, timezone, joined)
        for name, *values in steps:
            RUN[name](world, *values)
            check(world)
        transaction.set_rollback(True)
    for memory in (PROGRAMMES, schemes.MEMORY):
        memory.invalidate()
