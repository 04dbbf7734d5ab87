"""Points that paid for a purchase come back with it, to where they were, with their old end."""

from datetime import UTC, datetime, timedelta

import pytest
from books import nothing_moves
from clients.api import ok, refused
from clients.ledger import PURCHASES, parts, purchase
from clients.payments import eur
from people import Merchant, Person

pytestmark = pytest.mark.usefixtures("default_programme")


@pytest.fixture(scope="module")
def programme(operator: Person) -> str:
    return str(operator.points.make_programme("Returns")["id"])


def test_points_that_paid_come_back_with_their_old_end(
    operator: Person, member: Person, merchant: Merchant, programme: str
) -> None:
    soon, later = (datetime.now(UTC) + timedelta(days=days) for days in (10, 20))
    for ends in (soon, later):
        operator.points.earn(member.id, 60, programme=programme, expires_at=ends.isoformat())
    before = member.points.lots(programme=programme)
    paid = member.points.redeem(100, programme=programme)["id"]
    # 100 points are worth 1.00 EUR: the other 99.00 EUR earn.
    body = purchase(member.id, ("chair", 1, 10_000), programme=programme, redemption_ids=[paid])
    recorded = merchant.system.ledger.record(body)
    assert (recorded["money_amount"], recorded["points"]) == (9_900, 99)

    half = merchant.system.ledger.give_back(recorded["id"], amount=eur(5_000))
    assert parts(half) == {"points": 50, "own": 50, "restored": 50}
    assert [lot["remaining"] for lot in member.points.lots(programme=programme)] == [10, 60, 49]

    rest = merchant.system.ledger.give_back(recorded["id"])
    assert parts(rest) == {"points": 49, "own": 49, "restored": 50}
    assert member.points.lots(programme=programme) == before
    assert merchant.system.ledger.purchase(recorded["id"])["redemptions"] == [
        {"redemption_id": paid, "points": 100, "restored": 100}
    ]
    with nothing_moves(programme, member):
        refused(operator.api.post(f"/api/v1/points/transactions/{paid}/reversal"), 409, "points.pays_purchase")


@pytest.mark.moves_clock
def test_points_whose_time_has_passed_come_back_and_expire_at_once(
    operator: Person, member: Person, merchant: Merchant, programme: str
) -> None:
    ends = (operator.sandbox.now() + timedelta(days=2)).isoformat()
    operator.points.earn(member.id, 51, programme=programme, expires_at=ends)
    paid = member.points.redeem(50, programme=programme)["id"]
    body = purchase(member.id, ("cup", 1, 50), programme=programme, redemption_ids=[paid])
    recorded = merchant.system.ledger.record(body)
    operator.sandbox.move(to=ends)
    assert member.points.balance(programme=programme) == 0

    done = merchant.system.ledger.give_back(recorded["id"])

    assert parts(done) == {"restored": 50, "expired": 50}
    assert member.ledger.buckets(programme=programme) == (0, 0, 0, 0)


def test_a_capture_pays_for_a_purchase_and_comes_back_with_it(
    operator: Person, member: Person, merchant: Merchant, programme: str
) -> None:
    operator.points.earn(member.id, 100, programme=programme)
    before = member.points.lots(programme=programme)
    paid = member.ledger.capture(member.ledger.hold(50, programme=programme)["id"], points=30)["capture_id"]
    body = purchase(member.id, ("chair", 1, 30), programme=programme, redemption_ids=[paid])
    recorded = merchant.system.ledger.record(body)
    assert (recorded["money_amount"], recorded["points"]) == (0, 0)

    assert merchant.system.ledger.give_back(recorded["id"])["restored"] == 30
    assert member.points.lots(programme=programme) == before


def test_points_that_paid_come_back_to_the_current_member(
    operator: Person, member: Person, other_member: Person, merchant: Merchant, programme: str
) -> None:
    operator.points.earn(member.id, 100, programme=programme)
    paid = member.points.redeem(100, programme=programme)["id"]
    body = purchase(member.id, ("chair", 1, 10_000), programme=programme, redemption_ids=[paid])
    recorded = merchant.system.ledger.record(body)
    operator.ledger.merge(member.id, other_member.id)

    with nothing_moves(programme, member, other_member):
        path, body = f"{PURCHASES}/{recorded['id']}/returns", {"return_id": "r-1", "preview": True}
        foreseen = ok(merchant.system.api.post(path, body, key=None))
    done = merchant.system.ledger.give_back(recorded["id"])

    assert foreseen["restored"] == done["restored"] == 100
    assert member.points.balance(programme=programme) == 0
    assert other_member.points.balance(programme=programme) == 100
