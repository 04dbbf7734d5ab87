"""What an event earns depends on who tells it and of whom: staff, merged members, a person's day."""

from dataclasses import replace
from datetime import timedelta

import pytest

from points.ledger.operations import merge_members
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from shared import clock
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.proofs import nothing_written
from tests.api.event_requests import GOOD, LATER, PATH, became, books_are_right, refused, results, tell
from tests.api.test_bounds import works_for_the_merchant
from tests.event_factories import REVIEW, let_earn, on
from tests.factories import AT, buy, points_of
from tests.judging_factories import ONCE
from tests.segment_factories import make_segment

__all__ = ["books_are_right"]  # fixtures
pytestmark = pytest.mark.django_db


def test_the_same_id_of_another_sender_is_another_event(merchant: Actor, operator: Actor, member: Actor) -> None:
    assert tell(merchant)["id"] != tell(operator)["id"]
    assert points_of(member.id) == (70, 0)


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


def test_what_a_person_gives_by_several_transactions_counts_in_all_to_the_day(operator: Actor, member: Actor) -> None:
    let_earn(REVIEW, LATER, at=AT - timedelta(hours=1))
    change_programme(default_programme().id, changes={"adjustment_limit": 69}, at=clock.now())

    assert tell(operator)["points"] == 35
    with nothing_written():
        refused(operator.post(PATH, GOOD | {"event_id": "more"}), 409, "points.approval_needed")


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
