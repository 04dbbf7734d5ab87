"""A merchant tells of events, and members earn by them; whoever registers earns, too."""

from typing import Any
from uuid import uuid4

import pytest
from clients.api import ok, refused
from clients.ledger import EVENTS, event
from clients.points import POINTS
from clients.rules import rule, rule_set
from clients.tiers import tiers_document
from eventually import eventually
from people import Merchant, Person, new_member

STARS = {
    "event_data": {"stars": {"type": "integer"}},
    "events": {"review": {"data": ["stars"], "required": ["stars"]}, "visit": {}},
}
MANY = {"field": "event.data.stars", "op": "gte", "value": 4}
RULES = rule_set(
    rule("review", {"kind": "fixed", "points": 25}, trigger="event", condition=MANY,
         limits=[{"of": "uses", "most": 1, "per": "ever"}]),
    rule("any", {"kind": "fixed", "points": 5}, trigger="event"),
)  # fmt: skip


@pytest.fixture
def programme(operator: Person, default_programme: str) -> str:
    """A programme of its own with two events and rules for them."""
    made = str(operator.points.make_programme(f"Events {uuid4()}")["id"])
    said = operator.rules.say_types(made, **STARS)
    assert said["event_schemas"]["review"]["required"] == ["stars"]
    operator.rules.draft(made, RULES)
    operator.rules.activate(made, 1)
    return made


def review(member: Person, programme: str, stars: Any = 5, **more: Any) -> dict[str, Any]:
    return event(member.id, "review", {"stars": stars}, programme=programme, **more)


def test_an_event_earns_once_says_why_and_is_taken_back(
    operator: Person, member: Person, other_member: Person, merchant: Merchant, programme: str
) -> None:
    till, body = merchant.system.ledger, review(member, programme)
    assert operator.rules.try_event(programme, "review", {"stars": 5})["points"] == 30

    made = till.tell(body)

    assert (made["points"], made["rules_version"], till.tell(body)) == (30, 1, made)
    assert member.points.balance(programme=programme) == 30
    assert [one["id"] for one in member.ledger.events()] == [made["id"]]
    assert operator.api.listed(f"/api/v1/programmes/{programme}/events") == [made]
    assert member.ledger.event(made["id"]) == till.event(made["id"]) == made
    refused(other_member.api.get(f"{EVENTS}/{made['id']}"), 404, "points.event_not_found")
    found = ok(member.api.get(f"{POINTS}/transactions/{made['transaction_id']}/explanation"))
    assert found["event"] == made
    assert {one["rule_id"]: one["points"] for one in found["by_rules"]["rules"]} == {"review": 25, "any": 5}
    again = till.tell(review(member, programme))
    assert again["points"] == 5
    why = ok(merchant.system.api.get(f"{EVENTS}/{again['id']}/explanation"))["by_rules"]["rules"]
    assert {one["rule_id"]: one["why"] for one in why} == {"review": "limit", "any": None}

    undone = operator.ledger.take_back(made["id"])

    assert undone == {**made, "reversed_by": undone["reversed_by"]}
    assert member.points.balance(programme=programme) == 5
    assert till.tell(review(member, programme))["points"] == 30


def test_of_a_list_each_is_recorded_repeated_or_refused(member: Person, merchant: Merchant, programme: str) -> None:
    first, second = review(member, programme), event(member.id, "visit", programme=programme)

    found = merchant.system.ledger.tell_all(first, second, first, review(member, programme, "many"))

    assert [(one["status"], one["points"]) for one in found] == [
        ("recorded", 30),
        ("recorded", 5),
        ("repeated", 30),
        ("refused", None),
    ]
    (fault,) = found[3]["error"]["errors"]
    assert (found[3]["error"]["code"], fault["pointer"]) == ("points.event_invalid", "/data/stars")
    other = refused(merchant.system.api.post(EVENTS, {**first, "data": {"stars": 1}}), 409, "points.event_id_reused")
    assert other["title"]
    assert member.points.balance(programme=programme) == 35


def test_what_earned_nothing_is_taken_back_too_and_counts_no_more_for_a_tier(operator: Person, member: Person) -> None:
    made = str(operator.points.make_programme(f"Visits {uuid4()}")["id"])
    operator.rules.say_types(made, **STARS)
    operator.tiers.replace(made, tiers_document(("guest", 1), metric={"kind": "events", "name": "visit"}))
    visit = operator.ledger.tell(event(member.id, "visit", programme=made))
    assert (visit["no_points_reason"], member.tiers.one(programme=made)["tier"]["code"]) == ("no_rules", "guest")

    undone = operator.ledger.take_back(visit["id"])

    assert undone == {**visit, "reversed_by": undone["reversed_by"]}
    assert undone["reversed_by"] is not None
    assert operator.ledger.event(visit["id"]) == undone
    assert member.tiers.one(programme=made)["tier"] is None


def test_who_registers_earns_by_the_rules_of_that_moment(operator: Person, url: str, programme: str) -> None:
    hello = rule("hello", {"kind": "fixed", "points": 50}, trigger="registration")
    operator.rules.draft(programme, rule_set(hello))
    operator.rules.activate(programme, 2)

    member = new_member(url)

    # What registers in other journeys is not to earn.
    operator.rules.retire(programme, 2)
    eventually(lambda: member.points.balance(programme=programme), 50)
    (registered,) = member.ledger.events()
    assert (registered["trigger"], registered["points"], registered["rules_version"]) == ("registration", 50, 2)
