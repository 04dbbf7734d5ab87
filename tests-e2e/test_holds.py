"""Points set aside: nobody spends them twice, a capture takes what it names, the rest comes back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from books import nothing_moves, sent_twice
from clients.api import ok, refused
from clients.ledger import HOLDS, purchase
from eventually import eventually
from people import Merchant, Person

pytestmark = pytest.mark.usefixtures("default_programme")


@pytest.fixture
def programme(operator: Person, member: Person) -> str:
    """A programme in which the member has 100 points."""
    made = str(operator.points.make_programme("Holds")["id"])
    operator.points.earn(member.id, 100, programme=made)
    return made


def body_of(programme: str, points: int, **more: Any) -> dict[str, Any]:
    return {"points": points, "reference": "a table for two", "programme": programme, **more}


def test_a_hold_is_captured_in_part_and_the_rest_comes_back(member: Person, programme: str) -> None:
    [lot] = member.points.lots(programme=programme)
    held = sent_twice(member.api, HOLDS, body_of(programme, 50))
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


@pytest.mark.moves_clock
def test_a_hold_ends_by_itself(operator: Person, member: Person, programme: str) -> None:
    held = member.ledger.hold(60, programme=programme, expires_in=3_600)["id"]
    assert member.ledger.buckets(programme=programme)[0] == 40

    operator.sandbox.move(advance="PT1H")

    assert member.ledger.buckets(programme=programme) == (100, 0, 0, 0)
    problem = refused(member.api.post(f"{HOLDS}/{held}/capture"), 409, "points.hold_not_open")
    assert problem["state"] == "expired"
    member.points.redeem(100, programme=programme)


def test_a_hold_lasts_longer_when_it_is_extended(member: Person, programme: str) -> None:
    held = member.ledger.hold(60, programme=programme, expires_in=4)

    longer = member.ledger.extend(held["id"], 3_600)

    assert longer == {**held, "expires_at": longer["expires_at"]}
    assert datetime.fromisoformat(longer["expires_at"]) - datetime.now(UTC) > timedelta(minutes=50)
    assert ok(member.api.get(f"{HOLDS}/{held['id']}")) == longer
    assert member.ledger.buckets(programme=programme) == (40, 60, 0, 0)


def test_what_is_held_while_its_purchase_comes_back_is_owed_until_it_is_free(
    member: Person, merchant: Merchant, programme: str
) -> None:
    member.points.redeem(100, programme=programme)
    recorded = merchant.system.ledger.record(purchase(member.id, ("chair", 1, 12_000), programme=programme))
    first, second = (member.ledger.hold(points, programme=programme)["id"] for points in (70, 30))

    done = merchant.system.ledger.give_back(recorded["id"])

    assert (done["own"], done["owed"]) == (20, 100)
    assert member.ledger.buckets(programme=programme) == (0, 100, 0, -100)
    member.ledger.void(first)
    assert member.ledger.buckets(programme=programme) == (0, 30, 0, -30)
    member.ledger.capture(second, points=10)
    assert member.ledger.buckets(programme=programme) == (0, 0, 0, -10)


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
