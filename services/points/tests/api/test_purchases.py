"""Purchases that merchants tell: each is recorded once and earns what the programme gives."""

from typing import Any

import pytest

from points.ledger.rules.postings import LARGEST_BALANCE
from points.programmes.rules import MAX_POINTS_PER_PURCHASE
from shared import clock
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.proofs import nothing_written
from tests.api.purchase_requests import GOOD, LINES, MEMBER, PATH, give_back, other_till, programme, record, till
from tests.factories import give, points_of, prove, spend

__all__ = ["other_till", "programme", "till"]  # fixtures
pytestmark = pytest.mark.django_db


def test_a_purchase_earns_and_says_what_each_line_gave(till: Actor) -> None:
    recorded = record(till, occurred_at="2026-03-03T10:00:00Z")

    assert (recorded["purchase_id"], recorded["member_id"], recorded["merchant_id"]) == (
        "order-7", MEMBER, str(till.caller.merchant_id)
    )  # fmt: skip
    assert (recorded["amount"], recorded["money_amount"], recorded["currency"], recorded["points"]) == (
        12_000,
        12_000,
        "EUR",
        120,
    )
    assert [(line["line_id"], line["points"], line["returnable"]) for line in recorded["lines"]] == [
        ("1", 70, 2), ("2", 50, 1)
    ]  # fmt: skip
    assert (recorded["returned"], recorded["returnable"], recorded["points_returned"], recorded["returns"]) == (
        0,
        12_000,
        0,
        [],
    )
    assert recorded["occurred_at"] == "2026-03-03T10:00:00Z"
    prove()


def test_a_purchase_is_one_however_its_ids_are_typed(till: Actor, member: Actor) -> None:
    lines = [LINES[0] | {"line_id": "1\u00e9"}, LINES[1]]

    recorded = record(till, purchase_id="b\u00e4r-1", lines=lines)
    again = record(till, purchase_id="ba\u0308r-1", lines=[LINES[0] | {"line_id": "1e\u0301"}, LINES[1]])

    assert again == recorded
    found = till.get(f"{PATH}?purchase_id=ba%CC%88r-1").json()["results"]
    assert [one["id"] for one in found] == [recorded["id"]]
    named = [{"line_id": "1e\u0301", "quantity": 1}]
    back = [give_back(till, recorded, return_id=typed, lines=named).json() for typed in ("r\u00e9", "re\u0301")]
    assert back[0] == back[1]
    assert back[0]["amount"]["amount"] == 3_500
    assert points_of(member.id, at=clock.now())[0] == 120 - 35


def test_the_same_key_gives_the_same_answer_and_has_one_effect(till: Actor) -> None:
    first = till.post(PATH, GOOD, key="k")
    with nothing_written():
        assert till.post(PATH, GOOD, key="k").content == first.content
    path, body = f"{PATH}/{first.json()['id']}/returns", {"return_id": "r-1"}
    done = till.post(path, body, key="k2")
    with nothing_written():
        again = till.post(path, body, key="k2")

    assert (again.status_code, again.content, again["Idempotent-Replayed"]) == (201, done.content, "true")


def test_the_same_ids_by_another_key_give_the_same_answer_and_have_one_effect(till: Actor) -> None:
    recorded = record(till)
    with nothing_written():
        assert record(till) == recorded
    done = give_back(till, recorded)
    with nothing_written():
        again = give_back(till, recorded)

    assert (again.status_code, again.json()) == (201, done.json())


@pytest.mark.parametrize(
    "change",
    [
        {"member_id": "00000000-0000-7000-8000-000000000002"},
        {"amount": {"amount": 12_001, "currency": "EUR"}, "lines": []},
        {"lines": []},
        {"lines": [{"line_id": "1", "quantity": 1, "amount": 7_000}, LINES[1]]},
        {"money_amount": 11_999},
    ],
)
def test_another_purchase_by_the_same_id_is_refused(till: Actor, change: dict[str, Any]) -> None:
    record(till)
    with nothing_written():
        answer = till.post(PATH, GOOD | change)

    assert (answer.status_code, answer.json()["code"]) == (422, "points.purchase_id_reused")


def test_a_purchase_that_the_programme_cannot_take_is_refused(till: Actor, operator: Actor) -> None:
    programme_id = operator.get("/api/v1/programmes").json()["results"][0]["id"]
    with nothing_written():
        other = till.post(PATH, GOOD | {"amount": {"amount": 12_000, "currency": "USD"}})
        missing = till.post(PATH, GOOD | {"programme": str(new_id())})
        foreign = till.post(PATH, GOOD | {"redemption_ids": [str(new_id())]})
    operator.patch(f"/api/v1/programmes/{programme_id}", {"status": "closed"})
    with nothing_written():
        closed = till.post(PATH, GOOD)

    assert [(one.status_code, one.json()["code"]) for one in (other, missing, foreign, closed)] == [
        (409, "points.currency_mismatch"),
        (404, "programmes.not_found"),
        (404, "points.transaction_not_found"),
        (409, "programmes.closed"),
    ]


def test_a_purchase_that_would_fill_an_account_beyond_its_bound_is_refused(till: Actor, member: Actor) -> None:
    give(member.id, LARGEST_BALANCE)

    answer = till.post(PATH, GOOD)

    assert (answer.status_code, answer.json()["code"]) == (409, "points.balance_too_large")


def test_points_beyond_what_can_be_counted_are_refused(till: Actor, operator: Actor) -> None:
    programme_id = operator.get("/api/v1/programmes").json()["results"][0]["id"]
    operator.patch(f"/api/v1/programmes/{programme_id}", {"earn_points": 10**12, "earn_amount": 1})
    with nothing_written():
        answer = till.post(PATH, GOOD)
        (listed,) = till.post(f"{PATH}/batches", {"purchases": [GOOD]}).json()["results"]

    assert (answer.status_code, answer.json()["code"]) == (409, "points.too_many")
    assert answer.json()["limit"] == MAX_POINTS_PER_PURCHASE
    assert (listed["status"], listed["error"]["code"]) == ("refused", "points.too_many")
    operator.patch(f"/api/v1/programmes/{programme_id}", {"status": "closed"})
    with nothing_written():
        assert till.post(PATH, GOOD).json()["code"] == "programmes.closed"


def test_a_redemption_that_paid_cannot_pay_twice_nor_be_reversed(till: Actor, member: Actor, operator: Actor) -> None:
    give(member.id, 50)
    paid = str(spend(member.id, 50).id)
    recorded = record(till, redemption_ids=[paid])
    give_back(till, recorded, lines=[{"line_id": "2", "quantity": 1}])

    with nothing_written():
        twice = till.post(PATH, GOOD | {"purchase_id": "order-8", "redemption_ids": [paid]})
        back = operator.post(f"/api/v1/points/transactions/{paid}/reversal", {"reason": "mistake"})

    assert (twice.status_code, twice.json()["code"], twice.json()["reason"]) == (
        409, "points.redemption_not_usable", "used"
    )  # fmt: skip
    assert (back.status_code, back.json()["code"], back.json()["purchase"]) == (
        409, "points.pays_purchase", recorded["id"]
    )  # fmt: skip


def test_a_merchant_gives_no_points_but_by_purchases(till: Actor) -> None:
    body = {"member_id": MEMBER, "points": 10, "reason": "gift"}
    with nothing_written():
        assert till.post("/api/v1/points/earnings", body).status_code == 403


def test_two_merchants_use_the_same_id_for_different_purchases(till: Actor, other_till: Actor) -> None:
    assert record(till)["id"] != record(other_till)["id"]
