"""Events that merchants and operators tell, and what members earn by them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from points.events import operations
from points.events.models import Event, EventRules
from points.events.operations import Registration
from points.ledger.models import Transaction
from points.ledger.operations import merge_members
from points.ledger.rules.postings import LARGEST_BALANCE
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from shared import clock
from shared.contracts.events import EventRecorded
from shared.contracts.points import PointsAdjusted, PointsEarned, PointsPending
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from shared.testing.roles import MEMBER, MERCHANT_ID
from tests.api.test_bounds import works_for_the_merchant
from tests.event_factories import MANY_STARS, REVIEW, let_earn, on, registering
from tests.factories import AT, UNKNOWN_ID, buy, give, make_programme, points_of, prove, register, spend
from tests.judging_factories import ONCE, counts
from tests.segment_factories import make_segment

PATH = "/api/v1/points/events"
pytestmark = pytest.mark.django_db
MONTHLY = [{"of": "points", "most": 60, "per": "month"}]
GOOD: dict[str, Any] = {
    "event_id": "review-1",
    "member_id": str(MEMBER.id),
    "name": "review",
    "occurred_at": "2026-03-01T13:00:00+01:00",
    "data": {"stars": 5, "is_public": True},
}


@pytest.fixture(autouse=True)
def _books_are_right(db: None) -> Iterator[None]:
    make_programme(merchants=[MERCHANT_ID])
    let_earn()
    yield
    prove()


def tell(actor: Actor, **more: Any) -> dict[str, Any]:
    answer = actor.post(PATH, GOOD | more)
    assert answer.status_code == 201, answer.content
    found: dict[str, Any] = answer.json()
    return found


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), answer.content
    problem: dict[str, Any] = answer.json()
    assert problem["code"] == code
    return problem


def test_an_event_earns_by_rules_and_says_what(merchant: Actor, member: Actor) -> None:
    made = tell(merchant)

    assert made == {
        "id": made["id"],
        "event_id": "review-1",
        "trigger": "event",
        "name": "review",
        "member_id": str(member.id),
        "programme": str(default_programme().id),
        "merchant_id": str(MERCHANT_ID),
        "occurred_at": "2026-03-01T12:00:00Z",
        "recorded_at": made["recorded_at"],
        "data": {"stars": 5, "is_public": True},
        "points": 35,
        "no_points_reason": None,
        "rules_version": 1,
        "transaction_id": made["transaction_id"],
        "reversed_by": None,
    }
    assert points_of(member.id) == (35, 0)
    assert merchant.get(f"{PATH}/{made['id']}").json() == made
    (earned,) = published(PointsEarned)
    assert [(one.id, one.version, one.points) for one in earned.rules] == [("review", 1, 25), ("stars", 1, 10)]
    (said,) = published(EventRecorded)
    assert (str(said.id), said.event_id, said.points, str(said.transaction_id)) == (
        made["id"],
        "review-1",
        35,
        made["transaction_id"],
    )


def test_told_again_it_answers_what_it_earned_and_earns_once(merchant: Actor, member: Actor) -> None:
    first = tell(merchant)

    with nothing_written():
        again = [tell(merchant), tell(merchant, data={"is_public": True, "stars": 5})]

    assert again == [first, first]
    assert points_of(member.id) == (35, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"member_id": str(new_id())},
        {"name": "visit", "data": {}},
        {"occurred_at": "2026-03-01T13:00:01+01:00"},
        {"data": {"stars": 4, "is_public": True}},
        {"data": {"stars": 5, "is_public": 1}},
        {"data": {"stars": 5}},
    ],
)
def test_told_again_with_other_content_it_is_refused(merchant: Actor, change: dict[str, Any]) -> None:
    tell(merchant)
    with nothing_written():
        refused(merchant.post(PATH, GOOD | change), 409, "points.event_id_reused")


def test_half_a_character_is_none_of_an_events_data(merchant: Actor) -> None:
    half = json.dumps(GOOD | {"data": {"stars": 1, "text": "\ud800"}}).encode()
    with nothing_written():
        refused(merchant.post_raw(PATH, half), 400, "points.event_invalid")
    tell(merchant)
    with nothing_written():
        refused(merchant.post_raw(PATH, half), 409, "points.event_id_reused")


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b'{"event_id": 1, "event_id": 2}', b'{"data": NaN}', b'{"data": ' + b"[" * 40 + b"]" * 40 + b"}"],
)
@pytest.mark.parametrize("path", [PATH, f"{PATH}/batches"])
def test_bodies_that_are_no_proper_json(merchant: Actor, path: str, body: bytes) -> None:
    with nothing_written():
        answer = merchant.post_raw(path, body)

    assert (answer.status_code, answer.json()["code"]) in [(400, "request.malformed"), (400, "request.invalid")]


@pytest.mark.parametrize(
    "body", [{}, {"events": []}, {"events": {}}, {"events": [GOOD], "more": 1}, {"events": [1] * 1_001}]
)
def test_a_list_of_the_wrong_shape_is_refused(merchant: Actor, body: dict[str, Any]) -> None:
    with nothing_written():
        problem = refused(merchant.post(f"{PATH}/batches", body), 400, "request.invalid")

    assert [error["field"] for error in problem["errors"]] == ["events"]


def test_of_one_id_in_a_list_the_first_that_is_taken_is_it(merchant: Actor, member: Actor) -> None:
    found = results(
        merchant,
        GOOD | {"data": {"stars": "many"}},
        GOOD,
        7,
        GOOD,
        GOOD | {"data": {"stars": 1}},
        GOOD | {"event_id": "other"},
    )

    assert became(found) == [
        "points.event_invalid",
        "recorded",
        "request.invalid",
        "repeated",
        "points.event_id_reused",
        "recorded",
    ]
    assert found[3]["id"] == found[1]["id"]
    assert [one["points"] for one in found] == [None, 35, None, 35, None, 35]
    assert points_of(member.id) == (70, 0)


def test_of_one_id_in_a_list_the_next_is_it_where_the_first_would_earn_too_much(merchant: Actor) -> None:
    change_programme(default_programme().id, changes={"max_points_per_purchase": 30}, at=clock.now())

    found = results(merchant, GOOD, GOOD | {"data": {"stars": 1}}, GOOD | {"data": {"stars": 1}})

    assert became(found) == ["points.too_many", "recorded", "repeated"]


def test_events_of_a_list_use_limits_after_each_other_and_refused_ones_use_nothing(
    merchant: Actor, member: Actor, other_member: Actor
) -> None:
    let_earn(on("monthly", 25, limits=MONTHLY), at=AT - timedelta(hours=1))
    told = [GOOD | {"event_id": str(number)} for number in range(4)]
    wrong = GOOD | {"event_id": "wrong", "data": {}}

    found = results(
        merchant, told[0], wrong, told[0], *told, GOOD | {"event_id": "o", "member_id": str(other_member.id)}
    )

    assert [one["points"] for one in found] == [25, None, 25, 25, 25, 10, 0, 25]
    assert points_of(member.id) == (60, 0)
    assert counts(member.id) == {("monthly", "points", "2026-03"): 60}


def test_what_a_person_may_not_give_uses_nothing_of_a_limit(operator: Actor, member: Actor) -> None:
    let_earn(
        on("large", 50, {"field": "event.data.stars", "op": "eq", "value": 5}),
        on("once", 20, limits=ONCE),
        at=AT - timedelta(hours=1),
    )
    change_programme(default_programme().id, changes={"adjustment_limit": 60}, at=clock.now())

    found = results(operator, GOOD, GOOD | {"event_id": "small", "data": {"stars": 1}})

    assert became(found) == ["points.approval_needed", "recorded"]
    assert (found[1]["points"], counts(member.id)) == (20, {("once", "uses", "ever"): 1})


def some(size: int, *, prefix: str) -> list[dict[str, Any]]:
    """Return so many events of so many members, of which one in ten is refused by itself."""
    members = [new_id() for _ in range(size)]
    register(*members)
    return [
        GOOD | {"event_id": f"{prefix}-{n}", "member_id": str(who), "data": {"stars": "x" if n % 10 == 9 else n}}
        for n, who in enumerate(members)
    ]


def test_the_number_of_statements_does_not_grow(merchant: Actor) -> None:
    let_earn(on("once", 25, limits=ONCE), at=AT - timedelta(hours=1))
    results(merchant, *some(10, prefix="warm"))
    counted = []
    for size in (20, 500):
        told = some(size, prefix=str(size))
        with CaptureQueriesContext(connection) as queries:
            found = results(merchant, *told)
        assert set(became(found)) == {"recorded", "points.event_invalid"}
        counted.append(len(queries))

    assert counted[0] == counted[1] <= 26


def test_told_again_it_is_known_whatever_the_programme_has_become(merchant: Actor, operator: Actor) -> None:
    first = tell(merchant)
    found = default_programme()
    schema = f"/api/v1/programmes/{found.id}/rule-schema"
    rules = f"/api/v1/programmes/{found.id}/rules/1/retire"
    assert operator.post(rules, {}).status_code == 200
    assert operator.put(schema, {}).status_code == 200
    change_programme(found.id, changes={"status": "closed", "merchants": []}, at=clock.now())

    with nothing_written():
        assert tell(merchant) == first


def test_a_request_with_the_same_key_has_the_same_answer(merchant: Actor) -> None:
    first = merchant.post(PATH, GOOD, key="k")

    with nothing_written():
        assert merchant.post(PATH, GOOD, key="k").content == first.content


def test_the_same_id_of_another_sender_is_another_event(merchant: Actor, operator: Actor, member: Actor) -> None:
    assert tell(merchant)["id"] != tell(operator)["id"]
    assert points_of(member.id) == (70, 0)


def test_a_late_event_earns_by_the_rules_of_its_own_instant(merchant: Actor) -> None:
    let_earn(on("better", 50), at=AT + timedelta(days=1))

    early, late = (tell(merchant, event_id=name, occurred_at=f"2026-03-0{name}T12:00:00Z") for name in "13")

    assert [(one["points"], one["rules_version"]) for one in (early, late)] == [(35, 1), (50, 2)]


def test_without_rules_at_its_instant_it_is_noted_and_earns_nothing(merchant: Actor) -> None:
    made = tell(merchant, occurred_at="2026-01-01T00:00:00Z")

    assert (made["points"], made["no_points_reason"], made["rules_version"], made["transaction_id"]) == (
        0,
        "no_rules",
        None,
        None,
    )
    assert not EventRules.objects.exists()
    (said,) = published(EventRecorded)
    assert (said.points, said.no_points_reason) == (0, "no_rules")


def test_an_event_that_no_rule_wants_is_noted_by_its_version(merchant: Actor) -> None:
    made = tell(merchant, name="visit", data={})

    assert (made["points"], made["no_points_reason"], made["rules_version"], made["transaction_id"]) == (
        0,
        None,
        1,
        None,
    )


def test_the_merchants_own_staff_earn_nothing(merchant: Actor, member: Actor) -> None:
    works_for_the_merchant(member)

    made = [tell(merchant), tell(merchant, event_id="own", member_id=str(merchant.id))]

    assert [(one["points"], one["no_points_reason"]) for one in made] == [(0, "own_staff")] * 2


def test_whoever_the_staff_was_merged_into_earns_nothing_either(
    merchant: Actor, member: Actor, other_member: Actor
) -> None:
    works_for_the_merchant(other_member)
    merge_members(
        from_member_id=member.id, into_member_id=other_member.id, reason="r", actor_id=new_id(), at=clock.now()
    )

    assert tell(merchant)["no_points_reason"] == "own_staff"


def test_a_merged_members_event_earns_for_whose_the_points_are_now(
    merchant: Actor, member: Actor, other_member: Actor
) -> None:
    let_earn(on("once", 25, limits=ONCE), at=AT - timedelta(hours=1))
    first = tell(merchant)
    merge_members(
        from_member_id=member.id, into_member_id=other_member.id, reason="r", actor_id=new_id(), at=clock.now()
    )

    again, later, own = (
        tell(merchant),
        tell(merchant, event_id="later"),
        tell(merchant, event_id="own", member_id=str(other_member.id)),
    )

    assert again == first
    assert (first["points"], later["points"], own["points"]) == (25, 0, 0)
    assert later["member_id"] == str(member.id)
    assert points_of(other_member.id, at=clock.now()) == (25, 0)
    seen = other_member.get(PATH).json()["results"]
    assert [one["event_id"] for one in seen] == ["own", "later", "review-1"]
    assert other_member.get(f"{PATH}/{first['id']}").json() == first


WRONG: dict[str, tuple[int, Any]] = {
    "points.event_invalid": (400, lambda: {"data": {"stars": "many"}}),
    "points.event_invalid name": (400, lambda: {"name": "sale"}),
    "points.too_old": (409, lambda: {"occurred_at": "2001-01-01T00:00:00Z"}),
    "points.too_many": (409, lambda: _bounded(max_points_per_purchase=34)),
    "programmes.closed": (409, lambda: _bounded(status="closed")),
    "programmes.merchant_not_listed": (409, lambda: _bounded(merchants=[new_id()])),
    "programmes.not_found": (404, lambda: {"programme": str(UNKNOWN_ID)}),
    "members.unknown": (409, lambda: _bounded(unknown_members="refuse") | {"member_id": str(UNKNOWN_ID)}),
    "points.balance_too_large": (409, lambda: _as_much_as_there_is()),
    "request.invalid": (400, lambda: {"surprise": 1}),
    "request.invalid future": (400, lambda: {"occurred_at": clock.iso(clock.now() + timedelta(minutes=6))}),
    "request.invalid offset": (400, lambda: {"occurred_at": "2026-03-01T12:00:00"}),
    "request.invalid data": (400, lambda: {"data": []}),
    "request.invalid id": (400, lambda: {"event_id": "a\u200b"}),
    "request.invalid long id": (400, lambda: {"event_id": "a" * 101}),
    "request.invalid name": (400, lambda: {"name": 7}),
    "request.invalid member": (400, lambda: {"member_id": "me"}),
}


def _bounded(**changes: Any) -> dict[str, Any]:
    change_programme(default_programme().id, changes=changes, at=clock.now())
    return {}


def _as_much_as_there_is() -> dict[str, Any]:
    give(MEMBER.id, LARGEST_BALANCE - 10)
    return {}


@pytest.mark.parametrize("code", WRONG)
def test_one_that_is_refused_writes_nothing_and_leaves_others_of_a_list(
    merchant: Actor, other_member: Actor, code: str
) -> None:
    status, make = WRONG[code]
    wrong = GOOD | make()
    with nothing_written():
        alone = refused(merchant.post(PATH, wrong), status, code.split()[0])

    other = GOOD | {"member_id": str(other_member.id), "name": "visit", "data": {}}
    found = results(merchant, other | {"event_id": "a"}, wrong, other | {"event_id": "b"})

    is_whole = code in ("programmes.closed", "programmes.merchant_not_listed")
    assert became(found) == ([code.split()[0]] * 3 if is_whole else ["recorded", code.split()[0], "recorded"])
    of_the_request = {"type", "status", "request_id", "earliest"}
    assert {name: value for name, value in alone.items() if name not in of_the_request}.items() <= found[1][
        "error"
    ].items()
    assert [found[1][name] for name in ("status", "id", "points", "transaction_id")] == ["refused", None, None, None]
    assert Event.objects.count() == (0 if is_whole else 2)


def test_what_does_not_fit_the_schema_is_named_by_pointers(merchant: Actor) -> None:
    with nothing_written():
        problem = refused(merchant.post(PATH, GOOD | {"data": {"size": "xl", "a/b": 1}}), 400, "points.event_invalid")

    assert [(one["pointer"], one["code"]) for one in problem["errors"]] == [
        ("/data/a~1b", "unknown_member"),
        ("/data", "member_missing"),
        ("/data/size", "wrong_value"),
    ]


def test_five_minutes_ahead_of_the_clock_is_taken(merchant: Actor) -> None:
    ahead = clock.iso(clock.now() + timedelta(minutes=4))

    assert tell(merchant, occurred_at=ahead)["points"] == 35


def test_what_a_person_gives_by_events_is_of_the_persons_day(operator: Actor, member: Actor) -> None:
    change_programme(default_programme().id, changes={"adjustment_limit": 70}, at=clock.now())

    found = results(operator, *(GOOD | {"event_id": str(number)} for number in range(3)))
    with nothing_written():
        refused(operator.post(PATH, GOOD | {"event_id": "more"}), 409, "points.approval_needed")

    assert became(found) == ["recorded", "recorded", "points.approval_needed"]
    assert points_of(member.id, at=clock.now()) == (70, 0)
    assert tell(operator, event_id="nothing", name="visit", data={})["points"] == 0
    assert results(operator, GOOD | {"event_id": "0"})[0]["status"] == "repeated"


def test_a_program_gives_by_each_what_it_may_alone(operator: Actor) -> None:
    change_programme(default_programme().id, changes={"adjustment_limit": 30}, at=clock.now())
    program = Actor(replace(operator.caller, id=new_id(), roles=("service",)))

    found = results(program, GOOD, GOOD | {"event_id": "b", "data": {"stars": 1}})

    assert became(found) == ["points.approval_needed", "recorded"]


@pytest.mark.parametrize("role", ["member", "analyst"])
def test_who_may_not_tell_writes_nothing(role: str, request: pytest.FixtureRequest) -> None:
    actor = request.getfixturevalue(role)
    with nothing_written():
        refused(actor.post(PATH, GOOD), 403, "auth.insufficient_scope")
        refused(actor.post(f"{PATH}/batches", {"events": [GOOD]}), 403, "auth.insufficient_scope")


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


def test_what_it_earned_is_not_reversed_alone(merchant: Actor, operator: Actor) -> None:
    made = tell(merchant)
    with nothing_written():
        answer = operator.post(f"/api/v1/points/transactions/{made['transaction_id']}/reversal", {"reason": "r"})
        refused(answer, 409, "points.not_reversible")


def reverse(operator: Actor, event_id: str) -> Any:
    return operator.post(f"{PATH}/{event_id}/reversal", {"reason": "told by mistake"})


def test_what_it_earned_is_taken_back_with_it_and_its_limits_are_given_back(
    merchant: Actor, operator: Actor, member: Actor
) -> None:
    let_earn(on("once", 25, limits=ONCE), on("monthly", 5, limits=MONTHLY), at=AT - timedelta(hours=1))
    made = tell(merchant)
    spend(member.id, 12)

    undone = reverse(operator, made["id"])

    assert (undone.status_code, undone.json()) == (201, made | {"reversed_by": undone.json()["reversed_by"]})
    assert counts(member.id) == {("once", "uses", "ever"): 0, ("monthly", "points", "2026-03"): 0}
    assert points_of(member.id, at=clock.now()) == (0, -12)
    assert tell(merchant) == undone.json()
    assert operator.get(PATH).json()["results"] == [undone.json()]
    (said,) = published(PointsAdjusted)
    assert (said.points, said.reason) == (30, "told by mistake")
    assert [(one.id, one.points) for one in said.rules] == [("once", 25), ("monthly", 5)]
    explained = operator.get(f"/api/v1/points/transactions/{said.transaction_id}/explanation").json()
    assert [(one["rule_id"], one["points"]) for one in explained["taken_back"]] == [("once", 25), ("monthly", 5)]
    assert tell(merchant, event_id="again")["points"] == 30
    assert counts(member.id) == {("once", "uses", "ever"): 1, ("monthly", "points", "2026-03"): 5}
    assert points_of(member.id, at=clock.now()) == (18, 0)


LATER = on("later", 10, pending_days=30)
ENDING = on("ending", 4, lifetime={"kind": "rolling", "count": 7, "unit": "day"})


def test_points_that_wait_or_end_at_other_times_come_by_transactions_of_their_own(
    merchant: Actor, member: Actor
) -> None:
    let_earn(REVIEW, LATER, ENDING, on("more", 1), at=AT - timedelta(hours=1))

    made = tell(merchant)

    assert (made["points"], points_of(member.id)) == (40, (30, 0))
    said = [*published(PointsEarned), *published(PointsPending)]
    by_rules = {tuple(one.id for one in message.rules): message.points for message in said}
    assert by_rules == {("review", "more"): 26, ("ending",): 4, ("later",): 10}
    keys = dict(Transaction.objects.values_list("source_key", "points"))
    first = f"event:{made['id']}:earn"
    assert keys == {first: 26, f"{first}:2": 10, f"{first}:3": 4}
    for transaction_id in Transaction.objects.values_list("id", flat=True):
        explained = member.get(f"/api/v1/points/transactions/{transaction_id}/explanation").json()
        assert explained["event"] == made
        together = explained["by_rules"]["transactions"]
        assert [(one["rules"], one["points"]) for one in together] == [
            (["review", "more"], 26), (["later"], 10), (["ending"], 4)
        ]  # fmt: skip
        assert together[0]["transaction_id"] == made["transaction_id"]
    assert tell(merchant) == made


def test_all_that_it_earned_is_taken_back_what_waits_what_was_spent_and_what_has_ended(
    merchant: Actor, operator: Actor, member: Actor
) -> None:
    let_earn(on("once", 25, limits=ONCE), LATER, ENDING, at=AT - timedelta(hours=1))
    made = tell(merchant)
    spend(member.id, 12)

    undone = reverse(operator, made["id"])

    assert (undone.status_code, undone.json()) == (201, made | {"reversed_by": undone.json()["reversed_by"]})
    assert member.get("/api/v1/points/pending").json()["results"] == []
    assert (points_of(member.id, at=clock.now()), counts(member.id)) == ((0, -12), {("once", "uses", "ever"): 0})
    found = Transaction.objects.filter(kind="reversed").values_list("reverses__source_key", "points")
    first = f"event:{made['id']}:earn"
    assert dict(found) == {first: 25, f"{first}:2": 10, f"{first}:3": 4}
    with nothing_written():
        refused(reverse(operator, made["id"]), 409, "points.already_reversed")


def test_where_a_part_of_it_was_cancelled_while_it_waited_none_is_taken_back(
    merchant: Actor, operator: Actor, member: Actor
) -> None:
    let_earn(REVIEW, LATER, at=AT - timedelta(hours=1))
    made = tell(merchant)
    (pending,) = member.get("/api/v1/points/pending").json()["results"]
    assert operator.post(f"/api/v1/points/pending/{pending['id']}/cancel", {"reason": "r"}).status_code == 200

    with nothing_written():
        refused(reverse(operator, made["id"]), 409, "points.not_reversible")


def test_what_a_person_gives_by_several_transactions_counts_in_all_to_the_day(operator: Actor, member: Actor) -> None:
    let_earn(REVIEW, LATER, at=AT - timedelta(hours=1))
    change_programme(default_programme().id, changes={"adjustment_limit": 69}, at=clock.now())

    assert tell(operator)["points"] == 35
    with nothing_written():
        refused(operator.post(PATH, GOOD | {"event_id": "more"}), 409, "points.approval_needed")


def test_where_the_ledger_cannot_count_a_part_all_of_it_is_refused(merchant: Actor, member: Actor) -> None:
    let_earn(REVIEW, on("many", 1_000_000, lifetime={"kind": "never"}), at=AT - timedelta(hours=1))
    change_programme(default_programme().id, changes={"max_points_per_purchase": 2_000_000}, at=clock.now())
    give(member.id, LARGEST_BALANCE - 100)

    with nothing_written():
        refused(merchant.post(PATH, GOOD), 409, "points.balance_too_large")


def test_it_is_taken_back_once(merchant: Actor, operator: Actor, member: Actor) -> None:
    made = tell(merchant)
    undone = reverse(operator, made["id"]).json()["reversed_by"]

    with nothing_written():
        problem = refused(reverse(operator, made["id"]), 409, "points.already_reversed")

    assert problem["reversal"] == undone
    assert points_of(member.id, at=clock.now()) == (0, 0)


def test_a_merged_members_is_taken_from_whose_the_points_are_now(
    merchant: Actor, operator: Actor, member: Actor, other_member: Actor
) -> None:
    let_earn(on("once", 25, limits=ONCE), at=AT - timedelta(hours=1))
    made = tell(merchant)
    merge_members(
        from_member_id=member.id, into_member_id=other_member.id, reason="r", actor_id=new_id(), at=clock.now()
    )

    assert reverse(operator, made["id"]).status_code == 201

    assert points_of(other_member.id, at=clock.now()) == (0, 0)
    assert tell(merchant, event_id="again", member_id=str(other_member.id))["points"] == 25


def test_what_waits_is_taken_back_too_and_what_was_cancelled_is_not(
    merchant: Actor, operator: Actor, member: Actor
) -> None:
    let_earn(REVIEW | {"pending_days": 30}, at=AT - timedelta(hours=1))
    first, second = tell(merchant), tell(merchant, event_id="second")
    cancel = f"/api/v1/points/pending/{second['transaction_id']}/cancel"
    assert operator.post(cancel, {"reason": "r"}).status_code == 200

    assert reverse(operator, first["id"]).status_code == 201
    with nothing_written():
        refused(reverse(operator, second["id"]), 409, "points.not_reversible")

    assert member.get("/api/v1/points/pending").json()["results"] == []
    assert points_of(member.id, at=clock.now()) == (0, 0)


def test_what_earned_nothing_is_taken_back_once_too(merchant: Actor, operator: Actor, member: Actor) -> None:
    visit = tell(merchant, name="visit", data={})
    undone = reverse(operator, visit["id"])
    assert undone.status_code == 201

    with nothing_written():
        problem = refused(reverse(operator, visit["id"]), 409, "points.already_reversed")

    made = undone.json()
    assert made == visit | {"reversed_by": problem["reversal"]}
    assert member.get(f"{PATH}/{visit['id']}").json() == made
    assert member.get(PATH).json()["results"] == [made]
    assert tell(merchant, name="visit", data={}) == made


def test_what_is_not_there_or_not_ones_to_undo_is_refused(merchant: Actor, operator: Actor, member: Actor) -> None:
    visit = tell(merchant, name="visit", data={})
    with nothing_written():
        refused(reverse(operator, str(new_id())), 404, "points.event_not_found")
        refused(operator.post(f"{PATH}/{visit['id']}/reversal", {"reason": 7}), 400, "request.invalid")
        for actor in (merchant, member):
            refused(reverse(actor, visit["id"]), 403, "auth.insufficient_scope")


def test_its_points_wait_and_end_as_its_rules_say(merchant: Actor, member: Actor) -> None:
    waits = REVIEW | {"pending_days": 30, "lifetime": {"kind": "rolling", "count": 1, "unit": "month"}}
    let_earn(waits, at=AT - timedelta(hours=1))

    made = tell(merchant)

    (pending,) = member.get("/api/v1/points/pending").json()["results"]
    assert (made["points"], pending["points"], pending["activates_at"]) == (25, 25, "2026-03-31T22:00:00Z")
    assert points_of(member.id) == (0, 0)


def test_whether_the_member_bought_before_is_known(merchant: Actor, member: Actor) -> None:
    is_new = {"field": "member.is_first_purchase", "op": "eq", "value": True}
    let_earn(on("new", 25, is_new), at=AT - timedelta(hours=1))

    change_programme(default_programme().id, changes={"merchants": None}, at=clock.now())
    first = tell(merchant)
    buy(member.id, {"1": (1, 1_000)})
    second = tell(merchant, event_id="second")

    assert (first["points"], second["points"]) == (25, 0)


def test_what_the_programme_knows_of_the_member_is_known(merchant: Actor, member: Actor, other_member: Actor) -> None:
    make_segment("vip", None, member.id)
    let_earn(
        on("vip", 25, {"field": "member.segments", "op": "has", "value": "vip"}),
        on("other", 7, {"not": {"field": "member.segments", "op": "exists", "value": True}}),
        at=AT - timedelta(hours=1),
    )

    listed, other = tell(merchant), tell(merchant, event_id="other", member_id=str(other_member.id))

    assert (listed["points"], other["points"]) == (25, 0)
    explained = member.get(f"/api/v1/points/transactions/{listed['transaction_id']}/explanation").json()
    assert [one["points"] for one in explained["by_rules"]["rules"]] == [25, 0]
    assert explained["attributes_version"] is None


def results(actor: Actor, *told: Any, **more: Any) -> list[dict[str, Any]]:
    answer = actor.post(f"{PATH}/batches", {"events": list(told)}, **more)
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["results"]
    assert [one["index"] for one in found] == list(range(len(told)))
    return found


def became(found: list[dict[str, Any]]) -> list[str]:
    return [one["error"]["code"] if one["error"] else one["status"] for one in found]
