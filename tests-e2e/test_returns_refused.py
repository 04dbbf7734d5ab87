"""Purchases and returns that are none, or somebody else's: refused, and nothing is written."""

from typing import Any
from uuid import uuid4

import pytest
from books import nothing_moves
from clients.api import refused
from clients.ledger import PURCHASES, pieces, purchase
from clients.payments import eur
from people import Merchant, Person, new_merchant

LINES = (("book", 2, 7_000), ("lamp", 1, 5_000))

pytestmark = pytest.mark.usefixtures("default_programme")


@pytest.fixture(scope="module")
def programme(operator: Person) -> str:
    return str(operator.points.make_programme("Returns")["id"])


@pytest.fixture
def recorded(member: Person, merchant: Merchant, programme: str) -> dict[str, Any]:
    """A purchase of two lines, which gave the member 120 points."""
    body = purchase(member.id, *LINES, programme=programme)
    recorded: dict[str, Any] = merchant.system.ledger.record(body)
    assert member.ledger.buckets(programme=programme) == (120, 0, 0, 0)
    return recorded


def test_what_cannot_come_back_is_refused(member: Person, merchant: Merchant, recorded: dict[str, Any]) -> None:
    shop, path = merchant.system, f"{PURCHASES}/{recorded['id']}/returns"
    known = shop.ledger.give_back(recorded["id"], lines=pieces(book=1))["return_id"]
    bodies: list[tuple[dict[str, Any], int, str]] = [
        ({"lines": pieces(vase=1)}, 409, "points.line_unknown"),
        ({"lines": pieces(book=2)}, 409, "points.return_too_large"),
        ({"amount": eur(8_501)}, 409, "points.return_too_large"),
        ({"amount": {"amount": 100, "currency": "USD"}}, 409, "points.currency_mismatch"),
        ({"lines": pieces(book=1), "amount": eur(1)}, 400, "request.invalid"),
        ({"lines": pieces(book=1) * 2}, 400, "request.invalid"),
        ({"lines": pieces(book=0)}, 400, "request.invalid"),
        ({"return_id": known, "lines": pieces(lamp=1)}, 422, "points.return_id_reused"),
    ]
    with nothing_moves(recorded["programme"], member):
        for body, status, code in bodies:
            refused(shop.api.post(path, {"return_id": str(uuid4()), **body}), status, code)
    assert len(shop.ledger.purchase(recorded["id"])["returns"]) == 1


def test_a_purchase_that_is_none_is_refused(member: Person, merchant: Merchant, recorded: dict[str, Any]) -> None:
    good = purchase(member.id, *LINES, programme=recorded["programme"])
    bodies: list[tuple[dict[str, Any], int, str]] = [
        ({"amount": eur(11_999)}, 400, "request.invalid"),
        ({"money_amount": 12_001}, 400, "request.invalid"),
        ({"amount": {"amount": 12_000, "currency": "USD"}}, 409, "points.currency_mismatch"),
        ({"redemption_ids": [recorded["transaction_id"]]}, 409, "points.redemption_not_usable"),
        ({"redemption_ids": [str(uuid4())]}, 404, "points.transaction_not_found"),
        ({"purchase_id": recorded["purchase_id"], "money_amount": 1}, 422, "points.purchase_id_reused"),
    ]
    with nothing_moves(recorded["programme"], member):
        for body, status, code in bodies:
            refused(merchant.system.api.post(PURCHASES, {**good, **body}), status, code)


def test_it_is_not_there_for_another_member_or_merchant(
    url: str, operator: Person, member: Person, other_member: Person, recorded: dict[str, Any]
) -> None:
    path, other_shop = f"{PURCHASES}/{recorded['id']}", new_merchant(url, operator).system

    with nothing_moves(recorded["programme"], member):
        for stranger in (other_member, other_shop):
            refused(stranger.api.get(path), 404, "points.purchase_not_found")
        refused(other_shop.api.post(f"{path}/returns", {"return_id": "mine"}), 404, "points.purchase_not_found")
        refused(member.api.post(f"{path}/returns", {"return_id": "mine"}), 403)
