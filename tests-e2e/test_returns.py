"""Merchants record purchases of their own and take them back, to the line, as the programme's policy says."""

from typing import Any
from uuid import uuid4

import pytest
from books import nothing_moves, sent_twice
from clients.api import refused
from clients.ledger import PURCHASES, parts, pieces, purchase
from clients.payments import eur, line
from eventually import eventually
from people import Merchant, Person

LINES = (("book", 2, 7_000), ("lamp", 1, 5_000))
# Of 120 points 100 were spent already: what is taken from the purchase's own, owed, forgiven, and left to spend.
POLICIES: dict[str, tuple[dict[str, Any], int, int, int, int]] = {
    "pending_only": ({"return_policy": "pending_only"}, 0, 0, 120, 20),
    "floor_zero": ({"return_policy": "floor_zero"}, 20, 0, 100, 0),
    "arrears": ({"return_policy": "arrears"}, 20, 100, 0, 0),
    "arrears up to a cap": ({"return_policy": "arrears", "arrears_cap": 60}, 20, 60, 40, 0),
}

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


def test_a_purchase_is_recorded_and_earns_once(member: Person, merchant: Merchant, programme: str) -> None:
    body = purchase(member.id, *LINES, programme=programme)

    made = sent_twice(merchant.system.api, PURCHASES, body)
    assert merchant.system.ledger.record(body) == made
    for person in (merchant.system, member):
        assert person.ledger.purchases(purchase_id=body["purchase_id"]) == [made]
        assert person.ledger.purchase(made["id"]) == made

    assert [(one["line_id"], one["points"], one["returnable"]) for one in made["lines"]] == [
        ("book", 70, 2),
        ("lamp", 50, 1),
    ]
    assert [(posted["kind"], posted["change"]) for posted in member.points.transactions(programme=programme)] == [
        ("earned", 120)
    ]


def test_a_day_of_a_till_is_recorded_at_once_and_each_earns_once(
    member: Person, other_member: Person, merchant: Merchant, programme: str
) -> None:
    alone = merchant.system.ledger.record(purchase(member.id, *LINES, programme=programme))
    again = {**purchase(member.id, *LINES, programme=programme), "purchase_id": alone["purchase_id"]}
    other = purchase(other_member.id, ("vase", 1, 2_500), programme=programme, store="berlin-1")
    wrong = {**other, "purchase_id": str(uuid4()), "occurred_at": "2001-01-01T00:00:00Z"}

    done = sent_twice(merchant.system.api, f"{PURCHASES}/batches", {"purchases": [again, other, wrong]}, status=200)

    found = done["results"]
    assert [(one["status"], one["points"]) for one in found] == [("repeated", 120), ("recorded", 25), ("refused", None)]
    assert (found[0]["id"], found[2]["error"]["code"]) == (alone["id"], "points.too_old")
    assert merchant.system.ledger.purchase(found[1]["id"])["store"] == "berlin-1"
    assert [person.ledger.buckets(programme=programme)[0] for person in (member, other_member)] == [120, 25]
    with nothing_moves(programme, member, other_member):
        refused(member.api.post(f"{PURCHASES}/batches", {"purchases": [again]}), 403)


def test_it_comes_back_line_by_line_until_nothing_is_left(
    member: Person, merchant: Merchant, programme: str, recorded: dict[str, Any]
) -> None:
    shop, path = merchant.system, f"{PURCHASES}/{recorded['id']}/returns"
    one_book = {"return_id": str(uuid4()), "lines": pieces(book=1)}
    with nothing_moves(programme, member):
        plan = shop.api.post(path, {**one_book, "preview": True}, key=None).json()
    done = sent_twice(shop.api, path, one_book)

    assert parts(plan) == parts(done) == {"points": 35, "own": 35}
    assert done["amount"] == eur(3_500)
    assert member.points.balance(programme=programme) == 85
    assert parts(shop.ledger.give_back(recorded["id"])) == {"points": 85, "own": 85}
    with nothing_moves(programme, member):
        refused(shop.api.post(path, {"return_id": "again"}), 409, "points.nothing_to_return")
    for reader in (shop, member):
        found = reader.ledger.purchase(recorded["id"])
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
    recorded = merchant.system.ledger.record(purchase(member.id, *LINES, programme=programme))
    member.points.redeem(100, programme=programme)

    done = merchant.system.ledger.give_back(recorded["id"])

    assert (done["points"], done["own"], done["owed"], done["forgiven"]) == (120, own, owed, forgiven)
    assert done["policy"] == terms["return_policy"]
    assert member.ledger.buckets(programme=programme) == (left, 0, 0, -owed)
    # What is owed is paid first.
    operator.points.earn(member.id, 150, programme=programme)
    assert member.ledger.buckets(programme=programme) == (left + 150 - owed, 0, 0, 0)


def test_a_payment_is_returned_by_its_refund_alone(operator: Person, member: Person, merchant: Merchant) -> None:
    paid = member.payments.pay(merchant.id, line("book", 12_000))
    eventually(lambda: operator.api.get(f"{PURCHASES}/{paid['id']}").status_code, 200)

    answer = operator.api.post(f"{PURCHASES}/{paid['id']}/returns", {"return_id": "by hand"})

    refused(answer, 409, "points.purchase_of_payment")
