"""Random purchases, events, returns and moves of time are as the slow way tells them, whatever counts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from points.earning.queries import MEMORY as RULES
from points.events.rules.events import Event
from points.ledger.operations import merge_members
from points.programmes.queries import MEMORY as PROGRAMMES
from points.purchases import operations as purchases
from points.purchases.rules.purchases import NewPurchase, Purchase
from points.tiers.queries import schemes
from shared.testing.roles import OPERATOR
from tests.counting_factories import REVIEWS, STARS, VISITS, is_proven, payment, record, refund, undo
from tests.event_factories import MANY_STARS, REVIEW, let_earn, tell
from tests.factories import give, make_programme, take_back
from tests.judging_factories import BASE
from tests.operations.test_tiers_against_reference import Person, World, check, check_at_end, run_jobs
from tests.tier_factories import make_tiers
from tests.tier_reference import Merged
from tests.tier_strategies import BEGIN, DOCUMENTS, JOINED, RUNS, ZONES

pytestmark = pytest.mark.django_db
_FEW = {"silver": (1, 1), "gold": (2, 2), "diamond": (4, 4), "base": (0, 0)}
_AGO = st.sampled_from([timedelta(0), timedelta(hours=20), timedelta(days=2), timedelta(days=6)])
_AMOUNT = st.sampled_from([0, 60, 99, 100, 150, 250, 400])
_PLACE = st.sampled_from([0, -1, -1])
_STEP = st.one_of(
    st.tuples(st.just("buy"), _AMOUNT, _AGO),
    st.tuples(st.just("pay"), _AMOUNT),
    st.tuples(st.just("return"), _PLACE, st.sampled_from([1, 60, 400])),
    st.tuples(st.just("review"), st.sampled_from([-7, 0, 1, 60, 150, 250]), _AGO),
    st.tuples(st.just("visit"), _AGO),
    st.tuples(st.just("reverse"), _PLACE),
    st.tuples(st.just("give")),
    st.tuples(st.just("wait"), st.sampled_from([14, 24 * 2, 24 * 5, 24 * 40, 24 * 200, 24 * 366])),
)
STEPS = st.lists(
    st.tuples(st.booleans(), st.one_of(_STEP, _STEP, _STEP, RUNS, st.just(("merge",)))), min_size=4, max_size=18
)


def counted_by(metric: Any, said: dict[str, Any]) -> dict[str, Any]:
    """Return a document whose thresholds fit what counts."""
    tiers = said["tiers"]
    if metric in ("orders", VISITS, REVIEWS):
        tiers = [one | dict(zip(("enter", "stay"), _FEW[one["code"]], strict=True)) for one in tiers]
    return said | {"metric": metric, "tiers": tiers}


class Bought:
    """A purchase or a payment, and how much money of it is left."""

    def __init__(self, what: Purchase | NewPurchase, occurred: datetime) -> None:
        self.what, self.occurred, self.left = what, occurred, what.amount


class Buyer(Person):
    """A member with what was bought and what happened."""

    def __init__(self, said: dict[str, Any], timezone: str, joined: datetime) -> None:
        super().__init__(said, timezone, joined)
        self.purchases: list[Bought] = []
        self.reviews: list[tuple[Event, datetime, int]] = []


class CountingWorld(World):
    """Two members in a programme in which a metric counts."""

    def __init__(self, said: dict[str, Any], timezone: str, joined: Sequence[datetime]) -> None:
        make_programme(timezone=timezone, lot_days=None)
        let_earn(REVIEW, MANY_STARS, BASE)
        make_tiers(*said["tiers"], at=BEGIN, **{name: value for name, value in said.items() if name != "tiers"})
        self.metric, self.at, self.merged_at, self.told = said["metric"], BEGIN, None, []
        self.one, self.other = (Buyer(said, timezone, one) for one in joined)

    def count(self, person: Person, occurred: datetime, amount: int) -> None:
        if amount:
            self.note(person, occurred, amount)


def _bought(world: CountingWorld, who: Buyer, what: Purchase | NewPurchase, occurred: datetime) -> None:
    who.purchases.append(Bought(what, occurred))
    amounts = {"spend": what.amount, "orders": int(what.amount > 0)}
    world.count(who, occurred, amounts[world.metric] if world.metric in ("spend", "orders") else 0)


def _buy(world: CountingWorld, who: Buyer, amount: int, ago: timedelta) -> None:
    # What would earn is not told of a merged member.
    now = world.now(who) if amount >= 100 else who
    _bought(world, who, record(now.id, amount, at=world.at, ago=ago), world.at - ago)


def _pay(world: CountingWorld, who: Buyer, amount: int) -> None:
    if amount:
        paid = payment(who.id, amount, at=world.at)
        for _ in range(2):
            purchases.earn_purchases([paid], at=world.at)
        _bought(world, who, paid, world.at)


def _return(world: CountingWorld, who: Buyer, place: int, amount: int) -> None:
    if left := [one for one in who.purchases if one.left]:
        one = left[place % len(left)]
        amount = min(amount, one.left)
        if isinstance(one.what, Purchase):
            take_back(one.what, amount=amount, at=world.at)
        else:
            purchases.claw_back_refunds([refund(one.what.payment_id, amount, at=world.at)], at=world.at)
        one.left -= amount
        lowered = {"spend": amount, "orders": int(not one.left)}
        world.count(who, one.occurred, -lowered[world.metric] if world.metric in ("spend", "orders") else 0)


def _review(world: CountingWorld, who: Buyer, stars: int, ago: timedelta) -> None:
    event = tell(who.id, data={"stars": stars}, at=world.at, occurred_at=world.at - ago)
    amount = max(0, stars) if world.metric == STARS else int(world.metric == REVIEWS)
    who.reviews.append((event, world.at - ago, amount))
    world.count(who, world.at - ago, amount)


def _visit(world: CountingWorld, who: Buyer, ago: timedelta) -> None:
    tell(who.id, name="visit", data={}, at=world.at, occurred_at=world.at - ago)
    world.count(who, world.at - ago, int(world.metric == VISITS))


def _reverse(world: CountingWorld, who: Buyer, place: int) -> None:
    if who.reviews:
        event, occurred, amount = who.reviews.pop(place % len(who.reviews))
        undo(event, at=world.at)
        world.count(who, occurred, -amount)


def _give(world: CountingWorld, who: Buyer) -> None:
    give(world.now(who).id, 400, at=world.at)


def _wait(world: CountingWorld, _who: Buyer, hours: int) -> None:
    world.at += timedelta(hours=hours)


def _merge(world: CountingWorld, _who: Buyer) -> None:
    if not world.is_merged:
        ids = {"from_member_id": world.other.id, "into_member_id": world.one.id}
        merge_members(**ids, reason="two cards", actor_id=OPERATOR.id, at=world.at)
        world.one.reference.entries.append(Merged(world.at, world.other.reference))
        world.merged_at = world.at


RUN = {
    "buy": _buy,
    "pay": _pay,
    "return": _return,
    "review": _review,
    "visit": _visit,
    "reverse": _reverse,
    "give": _give,
    "wait": _wait,
    "merge": _merge,
    "run": run_jobs,
}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    metric=st.sampled_from(["spend", "spend", "orders", VISITS, REVIEWS, STARS]),
    said=DOCUMENTS,
    timezone=st.sampled_from(ZONES),
    joined=st.tuples(st.sampled_from(JOINED), st.sampled_from(JOINED)),
    steps=STEPS,
)
def test_tiers_are_as_the_slow_way_tells_them_whatever_counts(
    metric: Any, said: dict[str, Any], timezone: str, joined: Sequence[datetime], steps: Sequence[Any]
) -> None:
    with transaction.atomic():
        world = CountingWorld(counted_by(metric, said), timezone, joined)
        for is_first, (name, *values) in steps:
            RUN[name](world, world.one if is_first else world.other, *values)
            for person in world.people():
                check(world, person)
            assert is_proven()
        check_at_end(world)
        transaction.set_rollback(True)
    for memory in (PROGRAMMES, RULES, schemes.MEMORY):
        memory.invalidate()
