"""Points set aside: nobody spends them twice, a capture takes what it names, the rest comes back."""

from typing import Any
from uuid import uuid4

import pytest
from books import nothing_moves, sent_twice
from clients.api import refused
from clients.ledger import HOLDS, purchase
from clients.points import POINTS
from eventually import eventually
from people import Merchant, Person

pytestmark = pytest.mark.usefixtures("default_programme")


@pytest.fixture
def programme(operator: Person, member: Person) -> str:
    """A programme in which the member has 100 points."""
    made = str(operator.points.make_programme("Holds")["id"])
    operator.points.earn(member.id, 100, programme=made)
    return made


def wish(programme: str, points: int, **more: Any) -> dict[str, Any]:
    return {"points": points, "reference": "a table for two", "programme": programme, **more}


def test_a_hold_is_captured_in_part_and_the_rest_comes_back(member: Person, programme: str) -> None:
    [lot] = member.points.lots(programme=programme)
    held = sent_twice(member.api, HOLDS, wish(programme, 50))
    assert member.ledger.buckets(programme=programme) == (50, 50, 0, 0)

    done = sent_twice(member.api, f"{HOLDS}/{held['id']}/capture", {"points": 30}, status=200)

    assert (done["state"], done["points"], done["captured"]) == ("captured", 50, 30)
    assert member.ledger.buckets(programme=programme) == (70, 0, 0, 0)
    assert member.points.lots(programme=programme) == [{**lot, "remaining": 70}]
    with nothing_moves(programme, member):
        for move in ("capture", "void"):
            problem = refused(member.api.post(f"{HOLDS}/{held['id']}/{move}"), 409, "points.hold_not_open")
            assert problem["state"] == "captured"


def test_a_hold_is_voided_once(member: Person, programme: str) -> None:
    before = member.points.lots(programme=programme)
    held = member.ledger.hold(100, programme=programme)

    done = sent_twice(member.api, f"{HOLDS}/{held['id']}/void", {}, status=200)

    assert (done["state"], done["captured"], done["capture_id"]) == ("voided", 0, None)
    assert member.ledger.buckets(programme=programme) == (100, 0, 0, 0)
    assert member.points.lots(programme=programme) == before


def test_a_hold_ends_by_itself(member: Person, programme: str) -> None:
    held = member.ledger.hold(60, programme=programme, expires_in=4)["id"]
    assert member.ledger.buckets(programme=programme)[0] == 40

    eventually(lambda: member.ledger.buckets(programme=programme), (100, 0, 0, 0))

    problem = refused(member.api.post(f"{HOLDS}/{held}/capture"), 409, "points.hold_not_open")
    assert problem["state"] == "expired"
    member.points.redeem(100, programme=programme)


def test_what_is_held_while_its_purchase_comes_back_is_owed_until_it_is_free(
    member: Person, merchant: Merchant, programme: str
) -> None:
    member.points.redeem(100, programme=programme)
    told = merchant.system.ledger.tell(purchase(member.id, ("chair", 1, 12_000), programme=programme))
    first, second = (member.ledger.hold(points, programme=programme)["id"] for points in (70, 30))

    done = merchant.system.ledger.give_back(told["id"])

    assert (done["own"], done["owed"]) == (20, 100)
    assert member.ledger.buckets(programme=programme) == (0, 100, 0, -100)
    member.ledger.void(first)
    assert member.ledger.buckets(programme=programme) == (0, 30, 0, -30)
    member.ledger.capture(second, points=10)
    assert member.ledger.buckets(programme=programme) == (0, 0, 0, -10)


def test_a_capture_pays_for_a_purchase_and_comes_back_with_it(
    member: Person, merchant: Merchant, programme: str
) -> None:
    before = member.points.lots(programme=programme)
    paid = member.ledger.capture(member.ledger.hold(50, programme=programme)["id"], points=30)["capture_id"]
    body = purchase(member.id, ("chair", 1, 30), programme=programme, redemption_ids=[paid])
    told = merchant.system.ledger.tell(body)
    assert (told["money_amount"], told["points"]) == (0, 0)

    assert merchant.system.ledger.give_back(told["id"])["restored"] == 30
    assert member.points.lots(programme=programme) == before


def test_what_is_held_or_not_there_cannot_be_held(member: Person, programme: str) -> None:
    held = member.ledger.hold(80, programme=programme)["id"]
    spend = {"points": 21, "reason": "a treat", "programme": programme}
    with nothing_moves(programme, member):
        for path, body in ((HOLDS, wish(programme, 21)), (f"{POINTS}/redemptions", spend)):
            problem = refused(member.api.post(path, body), 409, "points.insufficient")
            assert (problem["available"], problem["requested"]) == (20, 21)
        refused(
            member.api.post(f"{HOLDS}/{held}/capture", {"points": 81}), 409, "points.capture_too_large"
        )  # fmt: skip
        for more in ({"points": 0}, {"points": 1.5}, {"reference": ""}, {"expires_in": 0}, {"expires_in": 2_592_001}):
            refused(member.api.post(HOLDS, wish(programme, 1) | more), 400, "request.invalid")
        refused(member.api.post(f"{HOLDS}/{held}/void", {"points": 1}), 400, "request.invalid")
        refused(member.api.post(f"{HOLDS}/{uuid4()}/void"), 404, "points.hold_not_found")


def test_it_is_not_there_for_another_member(member: Person, other_member: Person, programme: str) -> None:
    path = f"{HOLDS}/{member.ledger.hold(80, programme=programme)['id']}"

    with nothing_moves(programme, member):
        refused(other_member.api.get(path), 404, "points.hold_not_found")
        for move, body in (("capture", {}), ("void", {}), ("extend", {"expires_in": 60})):
            refused(other_member.api.post(f"{path}/{move}", body), 404, "points.hold_not_found")
        refused(other_member.api.post(HOLDS, wish(programme, 1, member_id=member.id)), 404)


def test_to_the_warehouse_a_hold_is_no_flow_and_its_capture_is_spending(
    analyst: Person, member: Person, programme: str
) -> None:
    first, second = (member.ledger.hold(points, programme=programme)["id"] for points in (50, 20))
    member.ledger.void(second)

    def flow() -> list[tuple[int, int, int, int]]:
        rows = analyst.warehouse.points(programme=programme)
        return [(row["earned"], row["redeemed"], row["net"], row["transactions"]) for row in rows]

    member.points.redeem(1, programme=programme)
    eventually(flow, [(100, 1, 99, 2)])
    member.ledger.capture(first, points=30)
    eventually(flow, [(100, 31, 69, 3)])
    assert member.ledger.buckets(programme=programme) == (69, 0, 0, 0)
