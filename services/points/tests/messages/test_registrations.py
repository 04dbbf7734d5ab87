"""What members earn by registering, once each."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from points.events.models import Event, EventRules
from points.ledger.models import Transaction
from points.ledger.operations import merge_members
from points.members.models import KnownMember
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from points.programmes.rules import Programme
from shared import clock
from shared.contracts.auth import UserRegistered
from shared.contracts.events import EventRecorded
from shared.contracts.points import PointsEarned, PointsPending
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import deliver, envelope_of, published
from tests.event_factories import let_earn
from tests.factories import AT, buy, make_programme, points_of, prove
from tests.judging_factories import ONCE, counts
from tests.rules.earning.factories import fixed, rule

pytestmark = pytest.mark.django_db
WHO = new_id()
WELCOME = rule("welcome", fixed(100), trigger="registration", limits=ONCE)


@pytest.fixture(autouse=True)
def plaza(db: None) -> Iterator[Programme]:
    yield make_programme()
    prove()


def registered(**more: Any) -> UserRegistered:
    values = {"user_id": WHO, "roles": ["member"], "merchant_id": None, "registered_at": AT} | more
    return UserRegistered(**values)


def test_who_registers_earns_by_the_rules_of_that_instant() -> None:
    let_earn(WELCOME, rule("base", fixed(7)))

    envelope = envelope_of(registered())
    assert deliver(envelope).failed == {}

    assert points_of(WHO) == (100, 0)
    event = Event.objects.get()
    assert (event.trigger, event.event_id, event.name, event.member_id, event.occurred_at, event.points) == (
        "registration",
        None,
        "",
        WHO,
        AT,
        100,
    )
    assert counts(WHO) == {("welcome", "uses", "ever"): 1}
    (earned,) = published(PointsEarned)
    assert [(one.id, one.version, one.points) for one in earned.rules] == [("welcome", 1, 100)]
    assert earned.reference == f"registration:{event.id}"
    assert published(EventRecorded) == []


def test_a_message_twice_and_the_same_said_again_earn_once() -> None:
    let_earn(WELCOME)
    envelope = envelope_of(registered())

    for pack in ([envelope, envelope_of(registered())], [envelope], [envelope_of(registered())]):
        assert deliver(*pack).failed == {}

    assert points_of(WHO) == (100, 0)
    assert (Event.objects.count(), len(published(PointsEarned))) == (1, 1)


def test_each_programme_with_a_rule_for_it_gives_its_own(plaza: Programme) -> None:
    other, without, closed = (make_programme(name=name) for name in ("Other", "Without", "Closed"))
    let_earn(WELCOME)
    for programme in (other, closed):
        let_earn(rule("hello", fixed(5), trigger="registration"), programme_id=programme.id)
    let_earn(rule("base", fixed(7)), programme_id=without.id)
    change_programme(closed.id, changes={"status": "closed"}, at=AT)

    deliver(registered())

    assert {row.programme_id: row.points for row in Event.objects.all()} == {plaza.id: 100, other.id: 5}


def test_rules_that_come_later_give_nothing_to_whoever_was_there() -> None:
    deliver(registered())
    let_earn(WELCOME, at=AT + timedelta(seconds=1))

    deliver(registered())

    assert (points_of(WHO), Event.objects.count()) == ((0, 0), 0)


def test_a_message_that_comes_late_earns_by_the_rules_of_its_instant() -> None:
    let_earn(WELCOME)
    let_earn(rule("less", fixed(1), trigger="registration"), at=AT + timedelta(days=1))

    deliver(registered())

    assert points_of(WHO) == (100, 0)


def test_tills_and_operators_earn_nothing() -> None:
    let_earn(WELCOME)

    deliver(registered(roles=["merchant"], merchant_id=new_id()), registered(user_id=new_id(), roles=["admin"]))

    assert (KnownMember.objects.filter(member_id=WHO).count(), Event.objects.count()) == (1, 0)


def test_more_than_a_programme_gives_at_once_is_nothing_and_says_so() -> None:
    change_programme(default_programme().id, changes={"max_points_per_purchase": 99}, at=AT)
    let_earn(WELCOME)

    assert deliver(registered()).failed == {}

    assert Event.objects.values_list("points", "no_points_reason", "rules_version").get() == (
        0,
        "too_many_points",
        None,
    )
    assert not EventRules.objects.exists()


def test_who_was_merged_before_the_word_came_earns_for_whose_the_points_are(other_member: Actor) -> None:
    let_earn(WELCOME)
    buy(WHO, {"1": (1, 1_000)}, at=AT - timedelta(days=30))
    merge_members(from_member_id=WHO, into_member_id=other_member.id, reason="r", actor_id=new_id(), at=clock.now())

    assert deliver(registered()).failed == {}

    assert points_of(other_member.id, at=clock.now()) == (110, 0)
    assert counts(other_member.id) == {("welcome", "uses", "ever"): 1}


def test_points_that_wait_come_by_a_transaction_of_their_own() -> None:
    let_earn(WELCOME, rule("later", fixed(30), trigger="registration", pending_days=14))

    assert deliver(registered()).failed == {}

    event = Event.objects.get()
    key = f"registration:{event.id}:earn"
    assert (event.points, points_of(WHO)) == (130, (100, 0))
    assert dict(Transaction.objects.values_list("source_key", "points")) == {key: 100, f"{key}:2": 30}
    assert [message.points for message in published(PointsPending)] == [30]


def test_it_is_explained_and_listed_as_what_it_is(member: Actor, operator: Actor) -> None:
    is_new = {"field": "member.is_first_purchase", "op": "eq", "value": True}
    let_earn(rule("welcome", fixed(100), trigger="registration", condition=is_new))
    deliver(registered(user_id=member.id))

    (listed,) = member.get("/api/v1/points/events").json()["results"]
    path = f"/api/v1/points/transactions/{listed['transaction_id']}"
    found = member.get(f"{path}/explanation").json()

    assert (listed["trigger"], listed["event_id"], listed["name"], listed["points"]) == ("registration", None, "", 100)
    assert found["event"] == listed
    (welcome,) = found["by_rules"]["rules"]
    assert (welcome["rule_id"], welcome["points"], welcome["condition"]["found"]) == ("welcome", 100, True)
    assert found["lots"][0]["came_from"]["origin"] == "registration"
    assert operator.post(f"{path}/reversal", {"reason": "r"}).json()["code"] == "points.not_reversible"
    assert operator.get(f"/api/v1/points/events/{listed['id']}").json() == listed
