"""Random rules, events, registrations, purchases and reversals through the operations are as the reference engine says;
each is explained, and nothing is left over."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from points.earning import operations as earning
from points.earning.queries import MEMORY
from points.earning.rules import EventType, Schema, Type
from points.events import operations
from points.events.explanations import explain_event
from points.events.models import Event as EventRow
from points.events.operations import Registration
from points.events.rows import events
from points.events.rules.events import Event
from points.ledger.models import Transaction
from points.programmes.queries import default_programme
from shared.testing.roles import OPERATOR
from tests.event_factories import tell
from tests.factories import make_programme, points_of, prove
from tests.judging_factories import activate, buy_lines, counts
from tests.rules.earning.factories import AT, PER_EURO, rule
from tests.rules.earning.reference import Cart, earn
from tests.rules.earning.reference.earning import Earned
from tests.rules.earning.strategies import DAY

pytestmark = pytest.mark.django_db
NAMES = ["review", "visit"]
SCHEMA = Schema(
    event_data={"stars": Type.INTEGER, "size": ("s", "m")},
    events={name: EventType(data=("stars", "size")) for name in NAMES},
)
Uses = dict[tuple[str, str, str], int]


def _leaf(field: str, ops: list[str], values: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(lambda op, value: {"field": field, "op": op, "value": value}, st.sampled_from(ops), values)


_STARS = st.integers(1, 3)
_MEMBER = _leaf("member.is_first_purchase", ["eq"], st.booleans())
_LEAVES = st.one_of(
    _leaf("event.name", ["eq", "ne"], st.sampled_from(NAMES)),
    _leaf("event.data.stars", ["eq", "ne", "gt", "lte"], _STARS),
    _leaf("event.data.size", ["in", "not_in"], st.lists(st.sampled_from(["s", "m"]), min_size=1, max_size=2)),
    _leaf("event.data.stars", ["exists"], st.booleans()),
    _leaf("time.weekday", ["eq", "ne"], st.sampled_from(["saturday", "sunday"])),
    _MEMBER,
)
_CONDITIONS = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda one: {"not": one}, inner),
        st.builds(lambda some: {"all": some}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda some: {"any": some}, st.lists(inner, min_size=1, max_size=3)),
    ),
    max_leaves=5,
)
_LIMITS = st.lists(
    st.builds(
        lambda of, most, per, beyond: {"of": of, "most": most, "per": per}
        | ({"beyond": beyond} if of == "points" else {}),
        st.sampled_from(["uses", "points"]), st.integers(1, 20), st.sampled_from(["day", "week", "month", "ever"]),
        st.sampled_from(["trim", "refuse"]),
    ), max_size=2, unique_by=lambda one: (one["of"], one["per"]),
)  # fmt: skip
# When points can be spent and until when changes nothing of what they are; all can, once the last event is over.
_TERMS = st.fixed_dictionaries(
    {}, optional={
        "pending_days": st.sampled_from([0, 1, 3]),
        "lifetime": st.sampled_from([{"kind": "rolling", "count": count, "unit": "year"} for count in (1, 2)]),
    },
)  # fmt: skip


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Rules of events and registrations, and one of purchases."""
    found = [rule("base", PER_EURO)]
    for number in range(draw(st.integers(1, 5))):
        trigger = draw(st.sampled_from(["event", "event", "event", "registration"]))
        condition = draw(st.one_of(st.none(), _CONDITIONS if trigger == "event" else _MEMBER))
        effect = {"kind": "fixed", "points": draw(st.integers(1, 9))}
        found.append(
            rule(f"r{number}", effect, trigger=trigger, condition=condition, limits=draw(_LIMITS),
                 priority=draw(st.integers(-1, 1)), **draw(_TERMS))
        )  # fmt: skip
    return {"language": 1, "stacking": draw(st.sampled_from(["all", "best", "first"])), "rules": found}


_DATA = st.fixed_dictionaries({}, optional={"stars": _STARS, "size": st.sampled_from(["s", "m"])})
SAID = st.tuples(st.sampled_from(NAMES), _DATA)
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("event"), st.integers(0, 9), SAID),
        st.tuples(st.just("event"), st.integers(0, 1), SAID),
        st.tuples(st.just("registration"), st.just(0), st.none()),
        st.tuples(st.just("purchase"), st.just(0), st.none()),
        st.tuples(st.just("reversal"), st.integers(0, 5), st.none()),
    ),
    min_size=1,
    max_size=8,
)


class World:
    """The service and the reference engine, side by side."""

    def __init__(self, me: UUID, document: dict[str, Any]) -> None:
        self.me, self.document = me, document
        self.uses: Uses = {}
        self.earned: dict[UUID, Earned] = {}
        self.points = 0
        self.has_bought = False

    def expect(self, trigger: str, days: int, known: dict[str, Any]) -> Earned:
        """Return what the reference engine gives, and count it."""
        values = known | {"member.is_first_purchase": not self.has_bought}
        found = earn(self.document, Cart(trigger, DAY + timedelta(days=days), values), self.uses, "floor")
        self.count(found, 1)
        return found

    def count(self, earned: Earned, sign: int) -> None:
        """Count what was earned, or no more."""
        self.points += sign * sum(earned.cells.values())
        for name, count in earned.counted.items():
            self.uses[name] = self.uses.get(name, 0) + sign * count

    def event(self, days: int, said: tuple[str, dict[str, Any]]) -> None:
        name, data = said
        known = {"event.name": name} | {f"event.data.{key}": value for key, value in data.items()}
        at = AT + timedelta(days=days)
        self.compare(tell(self.me, name=name, data=data, at=at), self.expect("event", days, known))

    def registration(self, days: int, _: None) -> None:
        before = self.registered()
        operations.earn_by_registrations([Registration(self.me, AT)], at=AT)
        (after,) = self.registered() or (None,)
        if after and not before:
            self.compare(after, self.expect("registration", days, {}))
        else:
            assert before or all(one["trigger"] != "registration" for one in self.document["rules"])

    def registered(self) -> list[Event]:
        ids = EventRow.objects.filter(trigger="registration").values_list("id", flat=True)
        return list(events.read(list(ids)).values())

    def purchase(self, _days: int, _: None) -> None:
        self.points += buy_lines(self.me, {"1": ("shoes", 1, 500)}, at=AT).points
        self.has_bought = True

    def reversal(self, number: int, _: None) -> None:
        waiting = list(self.earned)
        if waiting:
            event_id = waiting[number % len(waiting)]
            operations.reverse_event(event_id, reason="r", actor_id=OPERATOR.id, at=latest())
            self.count(self.earned.pop(event_id), -1)

    def compare(self, event: Event, earned: Earned) -> None:
        """Hold an event and its explanation against the reference engine."""
        assert event.points == sum(earned.cells.values())
        self.earned[event.id] = earned
        explained = explain_event(event)
        assert explained
        outcome, rules, _ = explained.judged
        assert {one.rule_id: one.points for one in outcome.given} == {
            giver: points for (_, _, giver), points in earned.cells.items()
        }
        assert sum(one.points for _, one, _ in rules) == event.points
        assert {one.rule_id: str(one.why) for _, one, _ in rules if one.why} == earned.why
        posted = Transaction.objects.filter(reference=event.source, kind="earned").values_list("id", "points")
        assert {one.transaction_id: one.points for one in explained.together} == dict(posted)


def latest() -> datetime:
    return AT + timedelta(days=20)


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    return member.id


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(documents(), _STEPS)
def test_events_are_the_reference_model(me: UUID, document: dict[str, Any], steps: list[Any]) -> None:
    with transaction.atomic():
        earning.change_schema(default_programme().id, SCHEMA, actor_id=OPERATOR.id, at=AT)
        activate(document, at=AT, schema=SCHEMA)
        world = World(me, document)
        for kind, number, what in steps:
            getattr(world, kind)(number, what)
        assert {name: count for name, count in counts(me).items() if count} == {
            name: count for name, count in world.uses.items() if count
        }
        assert points_of(me, at=latest()) == (world.points, 0)
        prove()

        while world.earned:
            world.reversal(0, None)
        assert not any(counts(me).values())
        prove()
        transaction.set_rollback(True)
    MEMORY.invalidate()
