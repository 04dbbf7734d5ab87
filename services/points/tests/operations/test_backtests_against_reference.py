"""Backtests of random rules are as the reference engine says, and those of then give what was earned."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec import structs

from points.backtests import operations
from points.backtests.rules import Sums
from points.earning.operations import change_schema
from points.earning.queries import MEMORY
from points.events import operations as events
from points.events.models import Event as Told
from points.events.rows import judgements as of_events
from points.purchases.models import Purchase as Bought
from points.purchases.models import ReturnRules
from points.purchases.rows import judgements
from points.purchases.rules.purchases import Purchase
from shared.testing.owner import as_owner
from shared.testing.roles import OPERATOR
from tests.backtest_factories import backtested
from tests.event_factories import tell
from tests.factories import make_programme, take_back
from tests.judging_factories import activate, buy_lines
from tests.operations import test_events_against_reference as of_told
from tests.operations.test_rules_against_reference import can_come_back, cart_of, has_no_pieces, now
from tests.rules.earning import strategies
from tests.rules.earning.factories import AT
from tests.rules.earning.reference import Cart, earn
from tests.rules.earning.reference.earning import Earned
from tests.rules.earning.strategies import DAY

pytestmark = pytest.mark.django_db
ME, OTHER = UUID(int=1), UUID(int=2)
SPAN = {"starts_at": AT, "ends_at": AT + timedelta(days=90)}
SCHEMA = structs.replace(strategies.SCHEMA, event_data=of_told.SCHEMA.event_data, events=of_told.SCHEMA.events)
ROUNDINGS = st.sampled_from(["floor", "half_up", "ceil"])
_LINES = st.dictionaries(
    st.sampled_from(["l0", "l1", "l2"]),
    st.tuples(st.sampled_from(["shoes", "books"]), st.integers(0, 3), st.sampled_from([0, 1, 33, 1_001, 3_333])),
    max_size=3,
)
_SAID = st.fixed_dictionaries({"channel": st.sampled_from(["", "a", "shoes"]), "store": st.sampled_from(["", "ab"])})
_MEMBERS, _LATER = st.sampled_from([ME, OTHER]), st.sampled_from([0, 1, 8])
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("buy"), _MEMBERS, _LATER, st.tuples(_LINES, _SAID, st.sampled_from([0, 999]))),
        st.tuples(st.just("tell"), _MEMBERS, _LATER, of_told.SAID),
        st.tuples(st.just("register"), _MEMBERS, _LATER, st.none()),
        st.tuples(st.just("reverse"), _MEMBERS, _LATER, st.integers(0, 5)),
    ),
    min_size=1,
    max_size=8,
)
# A member in no segment has segments all the same: the field is always there.
OF_NO_SEGMENT = {
    "language": 1,
    "stacking": "all",
    "rules": [
        {
            "id": "r0",
            "name": "x",
            "trigger": "purchase",
            "effect": {"kind": "fixed", "points": 1},
            "condition": {"field": "member.segments", "op": "exists", "value": False},
        }
    ],
}
_NOTHING_BOUGHT = ("buy", ME, 0, ({}, {"channel": "", "store": ""}, 0))
_HYPOTHESIS = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Rules of purchases, and rules of events and registrations that ask for them."""
    of_purchases, more = draw(strategies.documents()), draw(of_told.documents())
    told = [rule | {"id": f"told-{rule['id']}"} for rule in more["rules"] if rule["trigger"] != "purchase"]
    return of_purchases | {"rules": of_purchases["rules"] + told}


@pytest.fixture(autouse=True)
def programme(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "CHUNK", 2)
    made = make_programme(max_points_per_purchase=10**12)
    change_schema(made.id, SCHEMA, actor_id=OPERATOR.id, at=AT)
    # What a transaction writes is not yet there for what it begins: the rows are those of long before.
    as_owner(
        "ALTER TABLE purchase ALTER xid DROP DEFAULT; ALTER TABLE purchase_return ALTER xid DROP DEFAULT;"
        "ALTER TABLE event ALTER xid DROP DEFAULT; ALTER TABLE points_transaction ALTER xid SET DEFAULT '3'"
    )


class Reference:
    """What the reference engine gives a member, each purchase and event counting after those before it."""

    def __init__(self, document: dict[str, Any], rounding: str) -> None:
        self.document, self.rounding = document, rounding
        self.uses: dict[tuple[str, str, str], int] = {}
        self.given, self.taken = Counter[str](), Counter[str]()

    def give(self, cart: Cart) -> Earned:
        earned = earn(self.document, cart, self.uses, self.rounding)
        self._count(self.given, earned, 1)
        return earned

    def take(self, earned: Earned) -> None:
        self._count(self.taken, earned, -1)

    def _count(self, of: Counter[str], earned: Earned, sign: int) -> None:
        for (_, _, giver), points in earned.cells.items():
            of[giver] += points
        for name, count in earned.counted.items():
            self.uses[name] = self.uses.get(name, 0) + sign * count


class World:
    """What two members do, a minute after each other; and what a reference engine gives each for it."""

    def __init__(self, document: dict[str, Any], rounding: str) -> None:
        self.at = AT
        self.references = {who: Reference(document, rounding) for who in (ME, OTHER)}
        self.made: list[Purchase] = []
        self.told: dict[UUID, tuple[UUID, Earned]] = {}

    @property
    def day(self) -> Any:
        return DAY + timedelta(days=(self.at - AT).days)

    def do(self, kind: str, who: UUID, later: int, what: Any) -> None:
        self.at += timedelta(days=later, minutes=1)
        getattr(self, kind)(who, what)

    def buy(self, who: UUID, said: Any) -> None:
        lines, where, rest = said
        is_first = all(one.member_id != who for one in self.made)
        cart = cart_of(dict(sorted(lines.items())), where, rest, is_first=is_first)
        cart.day = self.day
        if not has_no_pieces(cart):
            self.references[who].give(cart)
        self.made.append(buy_lines(who, lines, at=self.at, amount=cart.amount, **where))

    def tell(self, who: UUID, said: Any) -> None:
        name, data = said
        made = tell(who, name=name, data=data, at=self.at)
        known = {f"event.data.{key}": value for key, value in data.items()} | {"event.name": name}
        self.note(made.id, who, "event", known)

    def register(self, who: UUID, _: None) -> None:
        before = set(Told.objects.values_list("id", flat=True))
        events.earn_by_registrations([events.Registration(who, self.at)], at=self.at)
        for event_id in set(Told.objects.values_list("id", flat=True)) - before:
            self.note(event_id, who, "registration", {})

    def note(self, event_id: UUID, who: UUID, trigger: str, known: dict[str, Any]) -> None:
        is_first = all(one.member_id != who for one in self.made)
        values = known | {"member.is_first_purchase": is_first, "member.segments": frozenset[str]()}
        self.told[event_id] = who, self.references[who].give(Cart(trigger, self.day, values))

    def reverse(self, _: UUID, number: int) -> None:
        waiting = Told.objects.filter(id__in=self.told, points__gt=0).order_by("occurred_at")
        if found := list(waiting.values_list("id", flat=True)):
            event_id = found[number % len(found)]
            events.reverse_event(event_id, reason="r", actor_id=OPERATOR.id, at=self.at)
            who, earned = self.told.pop(event_id)
            self.references[who].take(earned)

    def given(self) -> dict[str, int]:
        return dict(+sum((one.given for one in self.references.values()), Counter[str]()))

    def taken(self) -> dict[str, int]:
        return dict(+sum((one.taken for one in self.references.values()), Counter[str]()))


@_HYPOTHESIS
@given(documents(), st.one_of(st.none(), documents()), _STEPS, ROUNDINGS)
@example(OF_NO_SEGMENT, None, [_NOTHING_BOUGHT], "floor")
def test_a_version_that_was_never_active_is_the_reference_model(
    document: dict[str, Any], of_then: dict[str, Any] | None, steps: list[Any], rounding: str
) -> None:
    with transaction.atomic():
        if of_then:
            activate(of_then, at=SPAN["starts_at"], schema=SCHEMA)
        world = World(document, rounding)
        for step in steps:
            world.do(*step)
        version = activate(document, at=SPAN["ends_at"], schema=SCHEMA, rounding=rounding)

        sums = backtested(version, **SPAN)

        assert {name: one.points for name, one in sums.rules.items()} == world.given()
        assert {name: one.returned for name, one in sums.rules.items() if one.returned} == world.taken()
        assert (sums.points, sums.returned) == (sum(world.given().values()), sum(world.taken().values()))
        then = [*Bought.objects.values_list("points", flat=True), *Told.objects.values_list("points", flat=True)]
        assert sums.then == sum(then)
        assert sums.purchases + sum(sums.events.values()) == len(then)
        transaction.set_rollback(True)
    MEMORY.invalidate()


@_HYPOTHESIS
@given(documents(), _STEPS, ROUNDINGS, st.data())
def test_the_version_of_then_is_what_was_earned(
    document: dict[str, Any], steps: list[Any], rounding: str, data: st.DataObject
) -> None:
    with transaction.atomic():
        version = activate(document, at=SPAN["starts_at"], schema=SCHEMA, rounding=rounding)
        world = World(document, rounding)
        for step in steps:
            world.do(*step)
            if step[0] == "buy":
                world.at = some_comes_back(data, world.made, world.at)

        sums = backtested(version, **SPAN)

        assert (sums.winners, sums.losers) == (0, 0)
        assert (sums.points, sums.returned) == (sums.then, sums.returned_then)
        assert {name: one.points for name, one in sums.rules.items()} == given_then(world.made)
        assert sums.returned == taken_then(sums, set(world.told))
        transaction.set_rollback(True)
    MEMORY.invalidate()


def some_comes_back(data: st.DataObject, made: list[Purchase], at: datetime) -> datetime:
    """Take something back of some of these purchases, a minute after each other; return when that was."""
    for bought in data.draw(st.lists(st.sampled_from(made), max_size=2)):
        at += timedelta(minutes=1)
        left = now(bought)
        money = data.draw(st.integers(0, left.left))
        if money:
            take_back(bought, amount=money, at=at)
        elif can_come_back(left):
            take_back(bought, at=at)
    return at


def given_then(made: list[Purchase]) -> dict[str, int]:
    """Return what each rule gave, by what was kept."""
    told = of_events.read(list(Told.objects.values_list("id", flat=True)))
    given = Counter[str]()
    for by_rules in [*judgements.read([one.payment_id for one in made]).values(), *told.values()]:
        given.update({one.rule_id: one.points for one in by_rules.outcome.rules})
    return dict(+given)


def taken_then(sums: Sums, kept: set[UUID]) -> int:
    """Return what was taken back, by what was kept, and see that it is of the same rules."""
    taken = Counter[str]()
    for one in ReturnRules.objects.values_list("taken", flat=True):
        for part in one["given"]:
            taken[part["rule_id"]] += part["points"]
    reversed_ids = set(Told.objects.values_list("id", flat=True)) - kept
    for by_rules in of_events.read(reversed_ids).values():
        taken.update({one.rule_id: one.points for one in by_rules.outcome.rules if one.points})
    assert {name: one.returned for name, one in sums.rules.items() if one.returned} == dict(taken)
    return taken.total()
