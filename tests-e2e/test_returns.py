"""Merchants tell purchases of their own and take them back, to the line: what was earned goes, what paid comes back."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from books import nothing_moves, sent_twice
from clients.api import refused
from clients.ledger import PURCHASES, pieces, purchase
from clients.payments import eur, line
from eventually import eventually
from people import Merchant, Person, new_merchant

LINES = (("book", 2, 7_000), ("lamp", 1, 5_000))
# Of 120 points 100 were spent already: what is taken from the purchase's own, owed, forgiven, and left to spend.
POLICIES = {
    "pending_only": ({"return_policy": "pending_only"}, 0, 0, 120, 20),
    "floor_zero": ({"return_policy": "floor_zero"}, 20, 0, 100, 0),
    "arrears": ({"return_policy": "arrears"}, 20, 100, 0, 0),
    "arrears up to a cap": ({"return_policy": "arrears", "arrears_cap": 60}, 20, 60, 40, 0),
}
_PARTS = ("points", "own", "others", "owed", "forgiven", "restored", "expired")

pytestmark = pytest.mark.usefixtures("default_programme")


@pytest.fixture(scope="module")
def programme(operator: Person) -> str:
    return str(operator.points.make_programme("Returns")["id"])


@pytest.fixture
def told(member: Person, merchant: Merchant, programme: str) -> dict[str, Any]:
    """A purchase of two lines, which gave the member 120 points."""
    body = purchase(member.id, *LINES, programme=programme)
    told: dict[str, Any] = merchant.system.ledger.tell(body)
    assert member.ledger.buckets(programme=programme) == (120, 0, 0, 0)
    return told


def parts(done: dict[str, Any]) -> dict[str, int]:
    """Return what a return took and gave back, without what is zero."""
    return {name: done[name] for name in _PARTS if done[name]}


def test_a_purchase_is_told_and_earns_once(member: Person, merchant: Merchant, programme: str) -> None:
    body = purchase(member.id, *LINES, programme=programme)

    made = sent_twice(merchant.system.api, PURCHASES, body)
    assert merchant.system.ledger.tell(body) == made

    assert [(one["line_id"], one["points"], one["returnable"]) for one in made["lines"]] == [
        ("book", 70, 2),
        ("lamp", 50, 1),
    ]
    assert [(posted["kind"], posted["change"]) for posted in member.points.transactions(programme=programme)] == [
        ("earned", 120)
    ]


def test_it_comes_back_line_by_line_until_nothing_is_left(
    member: Person, merchant: Merchant, programme: str, told: dict[str, Any]
) -> None:
    shop, path = merchant.system, f"{PURCHASES}/{told['id']}/returns"
    one_book = {"return_id": str(uuid4()), "lines": pieces(book=1)}
    with nothing_moves(programme, member):
        plan = shop.api.post(path, {**one_book, "preview": True}, key=None).json()
    done = sent_twice(shop.api, path, one_book)

    assert parts(plan) == parts(done) == {"points": 35, "own": 35}
    assert done["amount"] == eur(3_500)
    assert member.points.balance(programme=programme) == 85
    assert parts(shop.ledger.give_back(told["id"])) == {"points": 85, "own": 85}
    with nothing_moves(programme, member):
        refused(shop.api.post(path, {"return_id": "again"}), 409, "points.nothing_to_return")
    for reader in (shop, member):
        found = reader.ledger.purchase(told["id"])
        assert (found["points"], found["points_returned"], found["returnable"]) == (120, 120, 0)
        assert [one["points_returned"] for one in found["lines"]] == [70, 50]
        assert [one["points"] for one in found["returns"]] == [35, 85]
    assert member.ledger.buckets(programme=programme) == (0, 0, 0, 0)


@pytest.mark.parametrize("policy", POLICIES)
def test_the_policy_says_what_becomes_of_points_that_were_spent(
    operator: Person, member: Person, merchant: Merchant, policy: str
) -> None:
    terms, own, owed, forgiven, left = POLICIES[policy]
    programme = operator.points.make_programme(f"Returns: {policy}", **terms)["id"]
    told = merchant.system.ledger.tell(purchase(member.id, *LINES, programme=programme))
    member.points.redeem(100, programme=programme)

    done = merchant.system.ledger.give_back(told["id"])

    assert (done["points"], done["own"], done["owed"], done["forgiven"]) == (120, own, owed, forgiven)
    assert done["policy"] == terms["return_policy"]
    assert member.ledger.buckets(programme=programme) == (left, 0, 0, -owed)
    # What is owed is paid first.
    operator.points.earn(member.id, 150, programme=programme)
    assert member.ledger.buckets(programme=programme) == (left + 150 - owed, 0, 0, 0)


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
    told = merchant.system.ledger.tell(body)
    assert (told["money_amount"], told["points"]) == (9_900, 99)

    half = merchant.system.ledger.give_back(told["id"], amount=eur(5_000))
    assert parts(half) == {"points": 50, "own": 50, "restored": 50}
    assert [lot["remaining"] for lot in member.points.lots(programme=programme)] == [10, 60, 49]

    rest = merchant.system.ledger.give_back(told["id"])
    assert parts(rest) == {"points": 49, "own": 49, "restored": 50}
    assert member.points.lots(programme=programme) == before
    assert merchant.system.ledger.purchase(told["id"])["redemptions"] == [
        {"redemption_id": paid, "points": 100, "restored": 100}
    ]
    with nothing_moves(programme, member):
        refused(operator.api.post(f"/api/v1/points/transactions/{paid}/reversal"), 409, "points.pays_purchase")


def test_points_whose_time_has_passed_come_back_and_expire_at_once(
    operator: Person, member: Person, merchant: Merchant, programme: str
) -> None:
    ends = (datetime.now(UTC) + timedelta(seconds=5)).isoformat()
    operator.points.earn(member.id, 51, programme=programme, expires_at=ends)
    paid = member.points.redeem(50, programme=programme)["id"]
    body = purchase(member.id, ("cup", 1, 50), programme=programme, redemption_ids=[paid])
    told = merchant.system.ledger.tell(body)
    eventually(lambda: member.points.balance(programme=programme), 0)

    done = merchant.system.ledger.give_back(told["id"])

    assert parts(done) == {"restored": 50, "expired": 50}
    assert member.ledger.buckets(programme=programme) == (0, 0, 0, 0)


def test_what_cannot_come_back_is_refused(member: Person, merchant: Merchant, told: dict[str, Any]) -> None:
    shop, path = merchant.system, f"{PURCHASES}/{told['id']}/returns"
    known = shop.ledger.give_back(told["id"], lines=pieces(book=1))["return_id"]
    wishes: list[tuple[dict[str, Any], int, str]] = [
        ({"lines": pieces(vase=1)}, 409, "points.line_unknown"),
        ({"lines": pieces(book=2)}, 409, "points.return_too_large"),
        ({"amount": eur(8_501)}, 409, "points.return_too_large"),
        ({"amount": {"amount": 100, "currency": "USD"}}, 409, "points.currency_mismatch"),
        ({"lines": pieces(book=1), "amount": eur(1)}, 400, "request.invalid"),
        ({"lines": pieces(book=1) * 2}, 400, "request.invalid"),
        ({"lines": pieces(book=0)}, 400, "request.invalid"),
        ({"return_id": known, "lines": pieces(lamp=1)}, 422, "points.return_id_reused"),
    ]
    with nothing_moves(told["programme"], member):
        for wish, status, code in wishes:
            refused(shop.api.post(path, {"return_id": str(uuid4()), **wish}), status, code)
    assert len(shop.ledger.purchase(told["id"])["returns"]) == 1


def test_a_purchase_that_is_none_is_refused(member: Person, merchant: Merchant, told: dict[str, Any]) -> None:
    good = purchase(member.id, *LINES, programme=told["programme"])
    wishes: list[tuple[dict[str, Any], int, str]] = [
        ({"amount": eur(11_999)}, 400, "request.invalid"),
        ({"money_amount": 12_001}, 400, "request.invalid"),
        ({"amount": {"amount": 12_000, "currency": "USD"}}, 409, "points.currency_mismatch"),
        ({"redemption_ids": [told["transaction_id"]]}, 409, "points.redemption_not_usable"),
        ({"redemption_ids": [str(uuid4())]}, 404, "points.transaction_not_found"),
        ({"purchase_id": told["purchase_id"], "money_amount": 1}, 422, "points.purchase_id_reused"),
    ]
    with nothing_moves(told["programme"], member):
        for wish, status, code in wishes:
            refused(merchant.system.api.post(PURCHASES, {**good, **wish}), status, code)


def test_it_is_not_there_for_another_member_or_merchant(
    url: str, operator: Person, member: Person, other_member: Person, told: dict[str, Any]
) -> None:
    path, other_shop = f"{PURCHASES}/{told['id']}", new_merchant(url, operator).system

    with nothing_moves(told["programme"], member):
        for stranger in (other_member, other_shop):
            refused(stranger.api.get(path), 404, "points.purchase_not_found")
        refused(other_shop.api.post(f"{path}/returns", {"return_id": "mine"}), 404, "points.purchase_not_found")
        refused(member.api.post(f"{path}/returns", {"return_id": "mine"}), 403)


def test_a_payment_is_returned_by_its_refund_alone(operator: Person, member: Person, merchant: Merchant) -> None:
    paid = member.payments.pay(merchant.id, line("book", 12_000))
    eventually(lambda: operator.api.get(f"{PURCHASES}/{paid['id']}").status_code, 200)

    answer = operator.api.post(f"{PURCHASES}/{paid['id']}/returns", {"return_id": "by hand"})

    refused(answer, 409, "points.purchase_of_payment")
