"""All that can happen to a member's points, one after the other."""

from datetime import UTC, datetime, timedelta
from typing import Any

from clients.api import ok
from clients.ledger import on_delivery, pieces, purchase
from clients.points import POINTS
from conftest import Command
from people import Merchant, Person


def happens(operator: Person, old: Person, new: Person, merchant: Merchant, manage: Command) -> str:
    """Let it happen to a member who then becomes another; return the programme."""
    programme = str(operator.points.make_programme("Everything")["id"])
    _earn_and_wait(operator, old, programme)
    _buy_and_return(merchant, old, programme)
    _hold(old, programme)
    _end_and_come_back(operator, old, programme, manage)
    _correct(operator, old, new, programme)
    operator.points.earn(new.id, 7, programme=programme)
    operator.ledger.merge(old.id, new.id)
    new.points.redeem(3, programme=programme)
    return programme


def _earn_and_wait(operator: Person, member: Person, programme: str) -> None:
    soon = (datetime.now(UTC) + timedelta(days=40)).isoformat()
    operator.points.earn(member.id, 500, programme=programme, expires_at=soon)
    wait: dict[str, Any] = {"programme": programme, "activates": on_delivery()}
    for points, order in ((40, "order-1"), (30, "order-2"), (20, "order-3")):
        earned = operator.points.earn(member.id, points, reference=order, **wait)
    operator.ledger.happened(member.id, programme=programme, reference="order-1")
    operator.ledger.cancel(earned["id"])


def _buy_and_return(merchant: Merchant, member: Person, programme: str) -> None:
    shop, paid = merchant.system.ledger, member.points.redeem(100, programme=programme)["id"]
    lines = (("book", 2, 7_000), ("lamp", 1, 5_000))
    recorded = shop.record(purchase(member.id, *lines, programme=programme, redemption_ids=[paid]))
    shop.give_back(recorded["id"], lines=pieces(book=1))
    shop.give_back(recorded["id"], lines=pieces(lamp=1))
    shop.record(purchase(member.id, *lines, programme=programme))


def _hold(member: Person, programme: str) -> None:
    first, second = (member.ledger.hold(points, programme=programme)["id"] for points in (50, 20))
    member.ledger.capture(first, points=30)
    member.ledger.void(second)


def _end_and_come_back(operator: Person, member: Person, programme: str, manage: Command) -> None:
    long_ago = (datetime.now(UTC) - timedelta(days=400)).isoformat()
    operator.points.earn(member.id, 90, programme=programme, occurred_at=long_ago)
    manage("points", "expire_points")
    [expired] = member.points.transactions(programme=programme, kind="expired")
    operator.ledger.reinstate(member.id, expired["id"], points=60)


def _correct(operator: Person, member: Person, other: Person, programme: str) -> None:
    correction = {"member_id": member.id, "points": -11, "reason": "counted twice", "programme": programme}
    wrong = ok(operator.api.post(f"{POINTS}/adjustments", correction), 201)["id"]
    ok(operator.api.post(f"{POINTS}/transactions/{wrong}/reversal"), 201)
    ok(operator.api.post(f"{POINTS}/adjustments", {**correction, "points": 5}), 201)
    member.points.transfer(other.id, 15, programme=programme)
