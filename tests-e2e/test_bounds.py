"""Points do not come from nothing: merchants are listed, an order earns once, and large gifts take two persons."""

from typing import Any
from uuid import uuid4

import pytest
from books import nothing_moves, sent_twice
from clients.api import ok, refused
from clients.ledger import ADJUSTMENTS, PURCHASES, purchase
from clients.payments import INTENTS, intent, line
from clients.points import POINTS
from eventually import eventually
from people import Merchant, Person, new_merchant

LINES = (("book", 2, 7_000), ("lamp", 1, 5_000))
pytestmark = pytest.mark.usefixtures("default_programme")


@pytest.fixture(scope="module")
def programme(operator: Person, merchant: Merchant) -> str:
    """A programme of one merchant, in which one person gives up to 100 points on a day."""
    bounds = {"max_points_per_purchase": 150, "max_amount": 20_000, "max_purchase_age_days": 30}
    return str(operator.points.make_programme("Bounds", merchants=[merchant.id], adjustment_limit=100, **bounds)["id"])


def test_only_merchants_that_the_programme_lists_give_points(
    url: str, operator: Person, member: Person, merchant: Merchant, programme: str
) -> None:
    stranger = new_merchant(url, operator)
    body = purchase(member.id, *LINES, programme=programme)
    with nothing_moves(programme, member):
        refused(stranger.system.api.post(PURCHASES, body), 409, "programmes.merchant_not_listed")

    listed = operator.points.change_programme(programme, merchants=[merchant.id, stranger.id])

    assert set(listed["merchants"]) == {merchant.id, stranger.id}
    # Each process remembers a programme for a second.
    eventually(lambda: stranger.system.api.post(PURCHASES, body).status_code, 201)
    assert member.points.balance(programme=programme) == 120


def test_a_body_that_is_too_large_is_said_to_be_each_time(member: Person) -> None:
    """It is refused while the gateway sends it: nobody is told that the service is away."""
    body = b"x" * 600_000
    for _ in range(100):
        refused(member.api.post_raw(f"{POINTS}/redemptions", body), 413, "request.too_large")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"amount": {"amount": 10**12, "currency": "EUR"}, "lines": []}, "points.amount_too_large"),
        ({"amount": {"amount": 15_100, "currency": "EUR"}, "lines": []}, "points.too_many"),
        ({"occurred_at": "2001-01-01T00:00:00Z"}, "points.too_old"),
    ],
)
def test_what_is_beyond_the_bounds_is_refused(
    member: Person, merchant: Merchant, programme: str, more: dict[str, Any], code: str
) -> None:
    body = purchase(member.id, *LINES, programme=programme) | more
    with nothing_moves(programme, member):
        refused(merchant.system.api.post(PURCHASES, body), 409, code)


def test_an_order_that_was_paid_is_not_recorded_again(
    operator: Person, member: Person, merchant: Merchant, default_programme: str
) -> None:
    paid = member.payments.pay(merchant.id, line("book", 12_000))
    eventually(lambda: member.points.balance(), 120)

    body = purchase(member.id, *LINES) | {"purchase_id": paid["order_id"]}
    with nothing_moves(default_programme, member):
        refused(merchant.system.api.post(PURCHASES, body), 409, "points.order_earned")

    merchant.system.payments.refund(paid["id"])
    eventually(lambda: member.points.balance(), 0)


def test_the_payment_of_an_order_that_was_recorded_earns_nothing_more(
    operator: Person, member: Person, merchant: Merchant
) -> None:
    body = intent(merchant.id, line("book", 12_000))
    recorded = merchant.system.ledger.record(purchase(member.id, *LINES) | {"purchase_id": body["order_id"]})

    paid = ok(member.api.post(INTENTS, {**body, "confirm": True}), 201)

    found = eventually(lambda: operator.api.get(f"{PURCHASES}/{paid['id']}"), lambda answer: answer.status_code == 200)
    assert (found.json()["points"], found.json()["no_points_reason"]) == (0, "order_earned")
    assert member.points.balance() == 120
    merchant.system.ledger.give_back(recorded["id"])
    assert member.points.balance() == 0


def test_staff_earn_nothing_at_their_own_merchants(url: str, operator: Person, member: Person) -> None:
    shop = new_merchant(url, operator)
    operator.auth.grant(member.id, "merchant", merchant_id=shop.id)

    def reason() -> Any:
        return shop.system.ledger.record(purchase(member.id, ("gum", 1, 99)))["no_points_reason"]

    # Too small for a point until the word has come.
    eventually(reason, "own_staff")
    recorded = shop.system.ledger.record(purchase(member.id, *LINES))

    assert (recorded["points"], recorded["no_points_reason"]) == (0, "own_staff")
    assert member.points.balance() == 0


def test_gifts_beyond_a_persons_day_wait_for_a_second_person(
    operator: Person, colleague: Person, member: Person, programme: str
) -> None:
    gift = {"member_id": member.id, "reason": "lost card", "programme": programme}
    assert operator.points.earn(member.id, 60, programme=programme)["points"] == 60

    asked = sent_twice(operator.api, f"{POINTS}/earnings", {**gift, "points": 60}, status=202)
    assert (asked["kind"], asked["state"], asked["points"]) == ("earned", "pending", 60)
    ok(operator.api.post(ADJUSTMENTS, {**gift, "points": -60}), 202)
    line_of_batch = {**gift, "points": 60, "kind": "earn", "key": str(uuid4())}
    (result,) = ok(operator.api.post(f"{POINTS}/batches", {"postings": [line_of_batch]}))["results"]
    assert result["error"]["code"] == "points.approval_needed"
    refused(operator.api.post(f"{ADJUSTMENTS}/{asked['id']}/approve"), 409, "points.same_person")
    assert member.points.balance(programme=programme) == 60

    done = ok(colleague.api.post(f"{ADJUSTMENTS}/{asked['id']}/approve"))

    [newest, _] = member.points.transactions(programme=programme)
    assert (newest["id"], newest["kind"], newest["change"]) == (done["transaction_id"], "earned", 60)
