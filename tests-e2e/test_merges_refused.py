"""Nothing is posted to the old member any more; merges that are none are refused, and nobody but operators merges."""

from typing import Any
from uuid import uuid4

import pytest
from books import nothing_moves
from clients.api import once_known, refused
from clients.ledger import HOLDS, MERGES
from clients.points import POINTS
from people import Person, new_member

pytestmark = pytest.mark.usefixtures("default_programme")


@pytest.fixture(scope="module")
def programme(operator: Person) -> str:
    return str(operator.points.make_programme("Merges")["id"])


@pytest.fixture
def old(operator: Person, member: Person, programme: str) -> Person:
    """A member with 100 points."""
    operator.points.earn(member.id, 100, programme=programme)
    return member


@pytest.fixture
def new(other_member: Person) -> Person:
    return other_member


def body_of(old: str, new: str, **more: Any) -> dict[str, Any]:
    return {"from_member_id": old, "into_member_id": new, "reason": "two cards", **more}


def test_the_old_member_is_refused_afterwards(operator: Person, old: Person, new: Person, programme: str) -> None:
    operator.ledger.merge(old.id, new.id)
    gift = {"member_id": old.id, "points": 5, "reason": "a gift", "programme": programme}
    elsewhere = operator.points.make_programme("Merges: another")["id"]
    event = {"member_id": old.id, "programme": programme, "event": "delivered"}
    bodies = [
        (operator.api, f"{POINTS}/earnings", gift),
        (operator.api, f"{POINTS}/earnings", {**gift, "programme": elsewhere}),
        (operator.api, f"{POINTS}/adjustments", gift),
        (operator.api, f"{POINTS}/pending/activations", event),
        (old.api, f"{POINTS}/redemptions", {"points": 1, "reason": "a treat", "programme": programme}),
        (old.api, HOLDS, {"points": 1, "reference": "a table", "programme": programme}),
        (old.api, f"{POINTS}/transfers", {"to_member_id": new.id, "points": 1, "reason": "x", "programme": programme}),
        (new.api, f"{POINTS}/transfers", {"to_member_id": old.id, "points": 1, "reason": "x", "programme": programme}),
    ]

    with nothing_moves(programme, old, new):
        for api, path, body in bodies:
            answer = once_known(lambda api=api, path=path, body=body: api.post(path, body))  # type: ignore[misc]
            problem = refused(answer, 409, "points.member_merged")
            assert problem["merged_into"] == new.id, path
    assert old.points.transactions(programme=elsewhere) == []


def test_a_merge_that_is_none_is_refused(url: str, operator: Person, old: Person, new: Person, programme: str) -> None:
    gone = new_member(url)
    operator.ledger.merge(gone.id, new.id)
    bodies: list[tuple[dict[str, Any], int, str]] = [
        (body_of(old.id, old.id), 409, "points.merge_with_oneself"),
        (body_of(gone.id, old.id), 409, "points.member_merged"),
        (body_of(old.id, gone.id), 409, "points.member_merged"),
        (body_of(old.id, "nobody"), 400, "request.invalid"),
        (body_of(old.id, new.id, void_holds="yes"), 400, "request.invalid"),
        (body_of(old.id, new.id, reason=""), 400, "request.invalid"),
    ]

    with nothing_moves(programme, old, new):
        for body, status, code in bodies:
            refused(operator.api.post(MERGES, body), status, code)
        refused(operator.api.get(f"{MERGES}/{uuid4()}"), 404, "points.merge_not_found")


def test_members_neither_merge_nor_see_merges(operator: Person, old: Person, new: Person, programme: str) -> None:
    with nothing_moves(programme, old, new):
        for stranger in (old, new):
            refused(stranger.api.post(MERGES, body_of(old.id, new.id)), 403)
    merge = operator.ledger.merge(old.id, new.id)
    for stranger in (old, new):
        refused(stranger.api.get(f"{MERGES}/{merge['id']}"), 403)
    # What the first one did before stays the first one's to see.
    [sent] = old.points.transactions(programme=programme, kind="sent")
    refused(new.api.get(f"{POINTS}/transactions/{sent['id']}"), 404, "points.transaction_not_found")
