"""Points that wait: seen by the member, activated by an event or their time, or cancelled."""

from datetime import timedelta

import pytest
from books import nothing_moves, sent_twice
from clients.api import refused
from clients.ledger import PENDING, on_delivery
from clients.points import POINTS
from people import Person

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
    listed = member.api.listed(PENDING, programme=programme)
    assert [(one["id"], one["on_event"], one["points"]) for one in listed] == [(waiting, "delivered", 30)]


@pytest.mark.moves_clock
def test_it_becomes_available_at_its_time_and_is_cancelled_at_its_deadline(
    operator: Person, member: Person, programme: str
) -> None:
    soon = (operator.sandbox.now() + timedelta(days=3)).isoformat()
    timed = operator.points.earn(member.id, 20, programme=programme, activates={"at": soon})["id"]
    body = {"on_event": "delivered", "deadline": soon}
    lost = operator.points.earn(member.id, 40, programme=programme, activates=body)["id"]

    operator.sandbox.move(to=soon)

    assert member.ledger.buckets(programme=programme) == (20, 0, 0, 0)
    assert [member.ledger.pending(one)["state"] for one in (timed, lost)] == ["activated", "cancelled"]
    member.points.redeem(20, programme=programme)
    assert sorted(kinds(member, programme)) == [
        ("activated", 20),
        ("cancelled", 0),
        ("earned", 0),
        ("earned", 0),
        ("redeemed", -20),
    ]


def test_an_operator_activates_it_before_its_time_once(
    operator: Person, member: Person, programme: str, waiting: str
) -> None:
    path, body = f"{PENDING}/{waiting}/activate", {"reason": "the parcel was seen"}
    refused(member.api.post(path, body), 403)

    done = sent_twice(operator.api, path, body, status=200)

    assert (done["state"], done["remaining"], done["activated"]) == ("activated", 0, 30)
    assert member.ledger.buckets(programme=programme) == (30, 0, 0, 0)
    with nothing_moves(programme, member):
        refused(operator.api.post(path, body), 409, "points.pending_not_open")


def test_it_is_cancelled_by_hand_once(operator: Person, member: Person, programme: str, waiting: str) -> None:
    done = sent_twice(operator.api, f"{PENDING}/{waiting}/cancel", {"reason": "not delivered"}, status=200)

    assert (done["state"], done["remaining"], done["activated"]) == ("cancelled", 0, 0)
    assert member.ledger.buckets(programme=programme) == (0, 0, 0, 0)
    with nothing_moves(programme, member):
        for move in ("cancel", "activate"):
            problem = refused(operator.api.post(f"{PENDING}/{waiting}/{move}"), 409, "points.pending_not_open")
            assert problem["state"] == "cancelled"
