"""Points that wait: seen by the member, activated by an event or their time, cancelled, and taken first by a return."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from books import nothing_moves, sent_twice
from clients.api import ok, refused
from clients.ledger import PENDING, on_delivery, pieces, purchase
from clients.points import POINTS
from eventually import eventually
from people import Merchant, Person

pytestmark = pytest.mark.usefixtures("default_programme")


@pytest.fixture(scope="module")
def programme(operator: Person) -> str:
    return str(operator.points.make_programme("Waits", pending_days=7, return_policy="pending_only")["id"])


@pytest.fixture
def waiting(operator: Person, member: Person, programme: str) -> str:
    """30 points of the member's that wait for the delivery of an order."""
    earned = operator.points.earn(
        member.id, 30, programme=programme, reference="order-1", activates=on_delivery()
    )  # fmt: skip
    return str(earned["id"])


def kinds(member: Person, programme: str) -> list[tuple[str, int]]:
    """Return what was posted to a member, the newest first."""
    return [(posted["kind"], posted["change"]) for posted in member.points.transactions(programme=programme)]


def test_an_event_activates_what_waits_for_it_once(
    operator: Person, member: Person, programme: str, waiting: str
) -> None:
    operator.points.earn(member.id, 5, programme=programme, reference="order-2", activates=on_delivery())
    assert member.ledger.buckets(programme=programme) == (0, 0, 35, 0)
    event = {"member_id": member.id, "programme": programme, "event": "delivered", "reference": "order-1"}

    done = sent_twice(operator.api, f"{PENDING}/activations", event, status=200)

    assert [(posted["kind"], posted["change"]) for posted in done["activated"]] == [("activated", 30)]
    assert member.ledger.buckets(programme=programme) == (30, 0, 5, 0)
    found = member.ledger.pending(waiting)
    assert (found["state"], found["activated"], found["remaining"]) == ("activated", 30, 0)
    with nothing_moves(programme, member):
        assert operator.ledger.happened(member.id, programme=programme, reference="order-1") == []
        assert operator.ledger.happened(member.id, "paid", programme=programme) == []
    member.points.redeem(30, programme=programme)
    assert kinds(member, programme) == [("redeemed", -30), ("activated", 30), ("earned", 0), ("earned", 0)]


def test_what_waits_cannot_be_spent(member: Person, programme: str, waiting: str) -> None:
    with nothing_moves(programme, member):
        body = {"points": 1, "reason": "a treat", "programme": programme}
        problem = refused(member.api.post(f"{POINTS}/redemptions", body), 409, "points.insufficient")
    assert problem["available"] == 0
    listed = ok(member.api.get(PENDING, programme=programme))["results"]
    assert [(one["id"], one["on_event"], one["points"]) for one in listed] == [(waiting, "delivered", 30)]


def test_it_becomes_available_at_its_time_and_is_cancelled_at_its_deadline(
    operator: Person, member: Person, programme: str
) -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=5)).isoformat()
    timed = operator.points.earn(member.id, 20, programme=programme, activates={"at": soon})["id"]
    wish = {"on_event": "delivered", "deadline": soon}
    lost = operator.points.earn(member.id, 40, programme=programme, activates=wish)["id"]

    eventually(lambda: member.ledger.buckets(programme=programme), (20, 0, 0, 0))

    assert [member.ledger.pending(one)["state"] for one in (timed, lost)] == ["activated", "cancelled"]
    # Whether or not the job was there before, the next posting does what is due.
    member.points.redeem(20, programme=programme)
    assert sorted(kinds(member, programme)) == [
        ("activated", 20),
        ("cancelled", 0),
        ("earned", 0),
        ("earned", 0),
        ("redeemed", -20),
    ]


def test_it_is_cancelled_by_hand_once(operator: Person, member: Person, programme: str, waiting: str) -> None:
    done = sent_twice(operator.api, f"{PENDING}/{waiting}/cancel", {"reason": "not delivered"}, status=200)

    assert (done["state"], done["remaining"], done["activated"]) == ("cancelled", 0, 0)
    assert member.ledger.buckets(programme=programme) == (0, 0, 0, 0)
    with nothing_moves(programme, member):
        for move in ("cancel", "activate"):
            problem = refused(operator.api.post(f"{PENDING}/{waiting}/{move}"), 409, "points.pending_not_open")
            assert problem["state"] == "cancelled"


def test_a_return_takes_what_waits_first(operator: Person, member: Person, merchant: Merchant, programme: str) -> None:
    operator.points.earn(member.id, 11, programme=programme, activates={"in_days": 0})
    shop, body = merchant.system.ledger, purchase(member.id, ("book", 2, 7_000), ("lamp", 1, 5_000))
    told = shop.tell({**body, "programme": programme})
    assert member.ledger.buckets(programme=programme) == (11, 0, 120, 0)

    done = shop.give_back(told["id"], lines=pieces(lamp=1))

    assert (done["points"], done["own"], done["others"], done["forgiven"]) == (50, 50, 0, 0)
    assert member.ledger.buckets(programme=programme) == (11, 0, 70, 0)
    # What is left is activated; from then on this programme's returns take nothing that can be spent.
    ok(operator.api.post(f"{PENDING}/{told['transaction_id']}/activate"))
    assert member.ledger.buckets(programme=programme) == (81, 0, 0, 0)
    assert shop.give_back(told["id"])["forgiven"] == 70
    assert member.ledger.buckets(programme=programme) == (81, 0, 0, 0)


def test_a_return_cancels_all_that_waits(member: Person, merchant: Merchant, programme: str) -> None:
    told = merchant.system.ledger.tell(purchase(member.id, ("book", 1, 7_000), programme=programme))

    merchant.system.ledger.give_back(told["id"])

    assert member.ledger.buckets(programme=programme) == (0, 0, 0, 0)
    assert member.ledger.pending(told["transaction_id"])["state"] == "cancelled"


def test_what_was_cancelled_is_not_taken_back_again(operator: Person, member: Person, merchant: Merchant) -> None:
    programme = operator.points.make_programme("Waits and owes", pending_days=7, return_policy="arrears")["id"]
    operator.points.earn(member.id, 10, programme=programme, activates={"in_days": 0})
    told = merchant.system.ledger.tell(purchase(member.id, ("book", 1, 7_000), programme=programme))
    operator.ledger.cancel(told["transaction_id"])

    done = merchant.system.ledger.give_back(told["id"])

    assert (done["points"], done["own"], done["others"], done["owed"], done["forgiven"]) == (70, 0, 0, 0, 70)
    assert member.ledger.buckets(programme=programme) == (10, 0, 0, 0)


def test_a_wait_that_is_none_is_refused(operator: Person, member: Person, programme: str) -> None:
    past, soon = ((datetime.now(UTC) + timedelta(days=days)).isoformat() for days in (-1, 2))
    gift: dict[str, Any] = {"member_id": member.id, "points": 5, "reason": "a gift", "programme": programme}
    waits = ({}, {"on_event": "delivered"}, {"in_days": 1, "at": soon}, {"at": past}, {"in_days": -1}, {"days": 1})
    with nothing_moves(programme, member):
        for wait in waits:
            refused(operator.api.post(f"{POINTS}/earnings", {**gift, "activates": wait}), 400, "request.invalid")
        early = {"activates": {"at": soon}, "expires_at": (datetime.now(UTC) + timedelta(days=1)).isoformat()}
        refused(operator.api.post(f"{POINTS}/earnings", {**gift, **early}), 409, "points.ends_before_activation")
        refused(operator.api.post(f"{PENDING}/{uuid4()}/cancel"), 404, "points.pending_not_found")


def test_it_is_not_there_for_another_member_and_nobody_moves_it_but_operators(
    member: Person, other_member: Person, programme: str, waiting: str
) -> None:
    path, event = f"{PENDING}/{waiting}", {"member_id": member.id, "programme": programme, "event": "delivered"}

    with nothing_moves(programme, member):
        refused(other_member.api.get(path), 404, "points.pending_not_found")
        refused(other_member.api.get(PENDING, member_id=member.id, programme=programme), 404)
        for stranger in (member, other_member):
            refused(stranger.api.post(f"{path}/activate"), 403)
            refused(stranger.api.post(f"{path}/cancel"), 403)
            refused(stranger.api.post(f"{PENDING}/activations", event), 403)
