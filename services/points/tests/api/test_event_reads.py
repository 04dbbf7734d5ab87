"""Events are listed to those whose they are, and explained as they were judged."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from points.events import operations
from points.events.operations import Registration
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from shared import clock
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.roles import MERCHANT_ID
from tests.api.event_requests import PATH, books_are_right, refused, tell
from tests.event_factories import MANY_STARS, REVIEW, let_earn, on, registering
from tests.factories import AT, UNKNOWN_ID, make_programme

__all__ = ["books_are_right"]  # fixtures
pytestmark = pytest.mark.django_db


def test_each_sees_what_is_theirs(merchant: Actor, operator: Actor, member: Actor, other_member: Actor) -> None:
    mine = tell(merchant)
    theirs = tell(merchant, event_id="other", member_id=str(other_member.id))
    by_operator = tell(operator, event_id="operator")
    other_merchant = Actor(replace(merchant.caller, id=new_id(), merchant_id=new_id()))

    def seen(actor: Actor, **query: Any) -> list[str]:
        return [one["id"] for one in actor.get(PATH, **query).json()["results"]]

    newest = [by_operator["id"], theirs["id"], mine["id"]]
    assert seen(operator) == newest
    assert seen(operator, member_id=str(other_member.id)) == [theirs["id"]]
    assert seen(member) == [by_operator["id"], mine["id"]]
    assert seen(other_member) == [theirs["id"]]
    assert seen(merchant) == [theirs["id"], mine["id"]]
    assert seen(merchant, member_id=str(member.id)) == [mine["id"]]
    assert seen(other_merchant) == []
    refused(member.get(PATH, member_id=str(other_member.id)), 404, "not_found")
    for actor in (other_member, other_merchant):
        refused(actor.get(f"{PATH}/{mine['id']}"), 404, "points.event_not_found")
    refused(operator.get(f"{PATH}/{new_id()}"), 404, "points.event_not_found")
    for actor in (member, merchant, operator):
        assert actor.get(f"{PATH}/{mine['id']}").json() == mine


def test_an_operator_lists_all_events_of_a_programme_the_newest_first(
    merchant: Actor, operator: Actor, member: Actor, other_member: Actor, analyst: Actor
) -> None:
    other = make_programme(name="Other", merchants=[MERCHANT_ID])
    let_earn(programme_id=other.id)
    programme_id = default_programme().id
    let_earn(registering(5), at=AT - timedelta(hours=1))
    made = [tell(merchant, event_id="a"), tell(operator, event_id="b", member_id=str(other_member.id))]
    elsewhere = tell(merchant, event_id="a", programme=str(other.id))
    operations.earn_by_registrations([Registration(member.id, AT)], at=AT)
    path = f"/api/v1/programmes/{programme_id}/events"

    registered, *found = operator.get(path).json()["results"]

    assert (registered["trigger"], registered["points"], found) == ("registration", 5, made[::-1])
    assert operator.get(f"/api/v1/programmes/{other.id}/events").json()["results"] == [elsewhere]
    first = operator.get(path, page_size=2).json()
    cursor = dict(parse_qsl(urlsplit(first["next"]).query))["cursor"]
    second = operator.get(path, page_size=2, cursor=cursor).json()
    assert first["results"] + second["results"] == [registered, *found]
    refused(operator.get(f"/api/v1/programmes/{UNKNOWN_ID}/events"), 404, "programmes.not_found")
    refused(operator.get(path, name="review"), 400, "request.invalid")
    for actor in (member, merchant, analyst):
        refused(actor.get(path), 403, "auth.insufficient_scope")


def test_a_list_goes_on_by_cursor(merchant: Actor, member: Actor) -> None:
    made = [tell(merchant, event_id=str(number))["id"] for number in range(3)]

    first = member.get(PATH, page_size=2).json()
    cursor = dict(parse_qsl(urlsplit(first["next"]).query))["cursor"]
    second = member.get(PATH, page_size=2, cursor=cursor).json()

    assert [one["id"] for one in first["results"] + second["results"]] == made[::-1]
    refused(member.get(PATH, cursor="!"), 400, "request.malformed")


def test_its_transaction_tells_every_rule_and_on_what_value(merchant: Actor, member: Actor) -> None:
    let_earn(REVIEW, MANY_STARS, on("visit", 1, event="visit"), at=AT - timedelta(hours=1))
    made = tell(merchant, data={"stars": 3})

    found = member.get(f"/api/v1/points/transactions/{made['transaction_id']}/explanation").json()

    assert (found["event"], found["rule"]) == (made, None)
    by_rules = found["by_rules"]
    assert (by_rules["version"], by_rules["points"], by_rules["fixed"], by_rules["lines"]) == (2, 25, 25, [])
    assert [(one["rule_id"], one["is_met"], one["why"], one["points"]) for one in by_rules["rules"]] == [
        ("review", True, None, 25),
        ("stars", False, "condition", 0),
        ("visit", False, "condition", 0),
    ]
    stars = by_rules["rules"][1]["condition"]["parts"][1]
    assert (stars["field"], stars["op"], stars["asked"], stars["found"], stars["is_met"]) == (
        "event.data.stars",
        "gte",
        4,
        3,
        False,
    )
    assert found["lots"][0]["came_from"]["origin"] == "event"


def test_it_is_explained_as_it_was_whatever_became_of_rules_and_schema(
    merchant: Actor, operator: Actor, member: Actor
) -> None:
    made = tell(merchant)
    path = f"/api/v1/points/transactions/{made['transaction_id']}/explanation"
    before = member.get(path).json()["by_rules"]

    let_earn(on("other", 1), at=AT + timedelta(days=1))
    change_programme(default_programme().id, changes={"timezone": "Asia/Tokyo"}, at=clock.now())

    assert member.get(path).json()["by_rules"] == before
