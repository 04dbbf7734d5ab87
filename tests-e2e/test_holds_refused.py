"""What is held or not there cannot be held, nor moved by another member: refused, and nothing is written."""

from typing import Any
from uuid import uuid4

import pytest
from books import nothing_moves
from clients.api import refused
from clients.ledger import HOLDS
from clients.points import POINTS
from people import Person

pytestmark = pytest.mark.usefixtures("default_programme")


@pytest.fixture
def programme(operator: Person, member: Person) -> str:
    """A programme in which the member has 100 points."""
    made = str(operator.points.make_programme("Holds")["id"])
    operator.points.earn(member.id, 100, programme=made)
    return made


def body_of(programme: str, points: int, **more: Any) -> dict[str, Any]:
    return {"points": points, "reference": "a table for two", "programme": programme, **more}


def test_what_is_held_or_not_there_cannot_be_held(member: Person, programme: str) -> None:
    held = member.ledger.hold(80, programme=programme)["id"]
    spend = {"points": 21, "reason": "a treat", "programme": programme}
    with nothing_moves(programme, member):
        for path, body in ((HOLDS, body_of(programme, 21)), (f"{POINTS}/redemptions", spend)):
            problem = refused(member.api.post(path, body), 409, "points.insufficient")
            assert (problem["available"], problem["requested"]) == (20, 21)
        refused(
            member.api.post(f"{HOLDS}/{held}/capture", {"points": 81}), 409, "points.capture_too_large"
        )  # fmt: skip
        for more in ({"points": 0}, {"points": 1.5}, {"reference": ""}, {"expires_in": 0}, {"expires_in": 2_592_001}):
            refused(member.api.post(HOLDS, body_of(programme, 1) | more), 400, "request.invalid")
        refused(member.api.post(f"{HOLDS}/{held}/void", {"points": 1}), 400, "request.invalid")
        refused(member.api.post(f"{HOLDS}/{uuid4()}/void"), 404, "points.hold_not_found")


def test_it_is_not_there_for_another_member(member: Person, other_member: Person, programme: str) -> None:
    path = f"{HOLDS}/{member.ledger.hold(80, programme=programme)['id']}"

    with nothing_moves(programme, member):
        refused(other_member.api.get(path), 404, "points.hold_not_found")
        for move, body in (("capture", {}), ("void", {}), ("extend", {"expires_in": 60})):
            refused(other_member.api.post(f"{path}/{move}", body), 404, "points.hold_not_found")
        refused(other_member.api.post(HOLDS, body_of(programme, 1, member_id=member.id)), 404)
