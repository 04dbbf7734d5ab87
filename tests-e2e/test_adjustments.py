"""A correction above the programme's limit waits for a second person, who says yes or no, once."""

from typing import Any

import pytest
from books import nothing_moves, sent_twice
from clients.api import ok, refused
from clients.ledger import ADJUSTMENTS
from people import Person

pytestmark = pytest.mark.usefixtures("default_programme")


@pytest.fixture(scope="module")
def programme(operator: Person) -> str:
    """A programme that lets one person correct up to 100 points."""
    return str(operator.points.make_programme("Four eyes", adjustment_limit=100)["id"])


def body_of(member: Person, programme: str, points: int) -> dict[str, Any]:
    return {"member_id": member.id, "points": points, "reason": "lost card", "programme": programme}


@pytest.fixture
def waiting(operator: Person, member: Person, programme: str) -> dict[str, Any]:
    """A correction of 500 points that waits."""
    asked = sent_twice(operator.api, ADJUSTMENTS, body_of(member, programme, 500), status=202)
    assert (asked["state"], asked["points"], asked["requested_by"]) == ("pending", 500, operator.id)
    return dict(asked)


def test_up_to_the_limit_one_person_is_enough(operator: Person, member: Person, programme: str) -> None:
    ok(operator.api.post(ADJUSTMENTS, body_of(member, programme, 100)), 201)

    assert member.points.balance(programme=programme) == 100
    assert member.id not in [one["member_id"] for one in operator.ledger.adjustments()]


def test_above_it_nothing_moves_until_another_person_approves(
    operator: Person, colleague: Person, member: Person, programme: str, waiting: dict[str, Any]
) -> None:
    approve = f"{ADJUSTMENTS}/{waiting['id']}/approve"
    with nothing_moves(programme, member):
        refused(operator.api.post(approve, {"reason": "it is mine"}), 409, "points.same_person")
    assert waiting in colleague.ledger.adjustments(state="pending")

    done = sent_twice(colleague.api, approve, {"reason": "seen the card"}, status=200)

    assert (done["state"], done["decided_by"]) == ("approved", colleague.id)
    assert operator.ledger.adjustment(waiting["id"]) == done
    [posted] = member.points.transactions(programme=programme)
    assert (posted["kind"], posted["change"], posted["id"]) == ("adjusted", 500, done["transaction_id"])
    with nothing_moves(programme, member):
        for decision in ("approve", "reject"):
            refused(colleague.api.post(f"{ADJUSTMENTS}/{waiting['id']}/{decision}"), 409)


def test_what_is_rejected_never_moves(
    operator: Person, colleague: Person, member: Person, programme: str, waiting: dict[str, Any]
) -> None:
    with nothing_moves(programme, member):
        done = sent_twice(colleague.api, f"{ADJUSTMENTS}/{waiting['id']}/reject", {"reason": "no card"}, status=200)
        refused(colleague.api.post(f"{ADJUSTMENTS}/{waiting['id']}/approve"), 409)

    assert (done["state"], done["decided_by"], done["transaction_id"]) == ("rejected", colleague.id, None)
    assert done in operator.ledger.adjustments(state="rejected")
    assert waiting["id"] not in [one["id"] for one in operator.ledger.adjustments(state="pending")]
