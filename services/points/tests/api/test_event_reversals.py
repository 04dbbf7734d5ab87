"""What an event earned is taken back with it, once and as a whole."""

from datetime import timedelta
from typing import Any

import pytest

from points.ledger.models import Transaction
from points.ledger.operations import merge_members
from shared import clock
from shared.contracts.points import PointsAdjusted
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from tests.api.event_requests import ENDING, LATER, MONTHLY, PATH, books_are_right, refused, tell
from tests.event_factories import REVIEW, let_earn, on
from tests.factories import AT, points_of, spend
from tests.judging_factories import ONCE, counts

__all__ = ["books_are_right"]  # fixtures
pytestmark = pytest.mark.django_db


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
