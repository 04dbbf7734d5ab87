"""A member who was merged into another: whatever asks to post to them is told whose their points are now."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from points.ledger import operations
from points.ledger.rules.earnings import Wait
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from shared import clock
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.proofs import nothing_written
from shared.testing.roles import OTHER_MEMBER
from tests.factories import AT, give, hold, make_programme
from tests.voucher_factories import make_campaign

POINTS = "/api/v1/points"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def points(member: Actor) -> None:
    make_programme()
    give(member.id, 100)


@pytest.fixture
def merge(member: Actor, other_member: Actor, operator: Actor) -> Callable[[], None]:
    """Return what merges the member into the other one; open holds are given back."""

    def run() -> None:
        body = {"from_member_id": str(member.id), "into_member_id": str(other_member.id), "reason": "two cards"}
        answer = operator.post(f"{POINTS}/merges", body | {"void_holds": True})
        assert answer.status_code == 201, answer.content

    return run


def refused(ask: Callable[[], Any], member: Actor, other_member: Actor) -> None:
    with nothing_written():
        answer = ask()

    assert (answer.status_code, answer.json()["code"]) == (409, "points.member_merged"), answer.content
    assert (answer.json()["member_id"], answer.json()["merged_into"]) == (str(member.id), str(other_member.id))


@pytest.mark.parametrize(
    ("path", "who", "more"),
    [
        ("earnings", "member_id", {"points": 5, "reason": "gift"}),
        ("adjustments", "member_id", {"points": 5, "reason": "ticket 7"}),
        ("holds", "member_id", {"points": 5, "reference": "order-1"}),
        ("transfers", "from_member_id", {"to_member_id": str(OTHER_MEMBER.id), "points": 5, "reason": "gift"}),
        ("purchases", "member_id", {"purchase_id": "order-7", "amount": {"amount": 500, "currency": "EUR"}}),
        ("pending/activations", "member_id", {"event": "delivered"}),
    ],
)
def test_nothing_is_posted_to_them(
    member: Actor,
    other_member: Actor,
    operator: Actor,
    merge: Callable[[], None],
    path: str,
    who: str,
    more: dict[str, Any],
) -> None:
    merge()

    refused(lambda: operator.post(f"{POINTS}/{path}", {who: str(member.id), **more}), member, other_member)


def test_what_they_earned_is_not_reversed(
    member: Actor, other_member: Actor, operator: Actor, merge: Callable[[], None]
) -> None:
    earned = give(member.id, 10).id
    merge()

    ask = lambda: operator.post(f"{POINTS}/transactions/{earned}/reversal", {"reason": "mistake"})  # noqa: E731
    refused(ask, member, other_member)


def test_their_adjustment_is_not_approved(
    member: Actor, other_member: Actor, operator: Actor, merge: Callable[[], None]
) -> None:
    change_programme(default_programme().id, changes={"adjustment_limit": 1}, at=AT)
    body = {"member_id": str(member.id), "points": 5, "reason": "ticket 7"}
    asked = operator.post(f"{POINTS}/adjustments", body).json()["id"]
    second = Actor(replace(operator.caller, id=new_id()))
    merge()

    refused(lambda: second.post(f"{POINTS}/adjustments/{asked}/approve"), member, other_member)
    assert operator.get(f"{POINTS}/adjustments/{asked}").json()["state"] == "pending"


@pytest.mark.parametrize("move", ["capture", "void"])
def test_their_hold_that_the_merge_gave_back_is_not_moved_again(
    member: Actor, other_member: Actor, operator: Actor, merge: Callable[[], None], move: str
) -> None:
    made = hold(member.id, 30, at=clock.now()).id
    merge()

    refused(lambda: operator.post(f"{POINTS}/holds/{made}/{move}"), member, other_member)


@pytest.mark.parametrize("move", ["activate", "cancel"])
def test_their_pending_points_that_were_closed_before_are_not_moved_again(
    member: Actor, other_member: Actor, operator: Actor, merge: Callable[[], None], move: str
) -> None:
    waiting = give(member.id, 10, at=clock.now(), wait=Wait(in_days=3)).id
    operations.cancel_pending(waiting, actor_id=operator.id, at=clock.now())
    merge()

    refused(lambda: operator.post(f"{POINTS}/pending/{waiting}/{move}"), member, other_member)


def test_they_pay_for_no_voucher(member: Actor, other_member: Actor, merge: Callable[[], None]) -> None:
    campaign = make_campaign(codes=1, price_points=5, ends_at=clock.now() + timedelta(days=9))
    merge()

    refused(lambda: member.post(f"/api/v1/vouchers/campaigns/{campaign.id}/claims"), member, other_member)
