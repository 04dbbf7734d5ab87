from datetime import timedelta
from typing import Any

import pytest

from points.ledger import operations
from points.ledger.rules.earnings import Wait
from points.purchases import operations as purchases
from points.purchases.rules.purchases import NewPurchase
from shared import clock
from shared.ids import new_id
from tests.factories import AT, UNKNOWN_ID, give, make_programme, spend, take_back
from tests.factories import buy as recorded_purchase

BALANCE = "/api/v1/points/balance"
EXPLANATION = "/api/v1/points/balance/explanation"
TRANSACTIONS = "/api/v1/points/transactions"
SECOND = timedelta(seconds=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def programme() -> Any:
    return make_programme()


def buy(member: Any, amount: int) -> Any:
    payment_id = new_id()
    purchase = NewPurchase(
        merchant_id=new_id(),
        order_id="order-1",
        payment_id=payment_id,
        member_id=member.id,
        currency="EUR",
        amount=amount,
        money_amount=amount,
        lines=(),
        captured_at=AT,
    )
    purchases.earn_purchases([purchase], at=AT)
    return payment_id


def test_a_member_reads_a_balance_of_the_past(member: Any) -> None:
    give(member.id, 100, expires_at=AT + timedelta(days=9))
    spend(member.id, 30, at=AT + SECOND)

    body = member.get(BALANCE, at=clock.iso(AT)).json()

    assert (body["available"], body["as_of"]) == (100, clock.iso(AT))
    assert body["expiring"] == [
        {"points": 100, "expires_at": clock.iso(AT + timedelta(days=9)), "expires_on": "2026-03-10"}
    ]
    assert member.get(BALANCE).json()["available"] == 70


@pytest.mark.parametrize("path", [BALANCE, EXPLANATION])
@pytest.mark.parametrize(
    "query", [{"at": "2999-01-01T00:00:00Z"}, {"at": "2026-03-01"}, {"at": "2026-03-01T00:00:00"}, {"when": "now"}]
)
def test_a_balance_of_the_future_or_of_no_instant_is_refused(member: Any, path: str, query: dict[str, str]) -> None:
    answer = member.get(path, **query)

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")


def test_a_balances_explanation_adds_up_and_names_every_cause(member: Any, programme: Any) -> None:
    payment_id = buy(member, 12_050)
    gift = give(member.id, 50, at=AT + SECOND, expires_at=AT + timedelta(days=5))
    spent = spend(member.id, 60, at=AT + 2 * SECOND)

    body = member.get(EXPLANATION).json()

    assert (body["available"], body["posted"], body["ended"]) == (110, 110, 0)
    assert body["by_kind"] == [
        {"kind": "earned", "transactions": 2, "change": 170},
        {"kind": "redeemed", "transactions": 1, "change": -60},
    ]
    (lot,) = body["lots"]
    assert (lot["points"], lot["remaining"]) == (120, 110)
    assert lot["came_from"]["origin"] == "payment"
    assert lot["rule"] == {
        "payment_id": str(payment_id),
        "amount": 12_050,
        "points": 120,
        "returned": 0,
        "points_returned": 0,
        "earn_points": 1,
        "earn_amount": 100,
        "rules_version": None,
        "budget": None,
        "cut": 0,
        "currency": "EUR",
    }
    assert [(taken["transaction_id"], taken["points"]) for taken in lot["taken_by"]] == [(str(spent.id), 10)]
    assert body["other_lots"] == {"lots": 0, "points": 0}
    assert str(gift.id) not in str(body["lots"])


def test_a_purchase_that_a_merchant_recorded_is_shown_too(member: Any) -> None:
    bought = recorded_purchase(member.id, {"1": (2, 12_000)})
    take_back(bought, {"1": 1})

    (lot,) = member.get(EXPLANATION).json()["lots"]

    assert (lot["came_from"]["origin"], lot["rule"]["payment_id"]) == ("purchase", str(bought.payment_id))
    assert (lot["rule"]["points"], lot["rule"]["returned"], lot["rule"]["points_returned"]) == (120, 6_000, 60)


def test_a_balances_explanation_can_be_told_as_of_then(member: Any) -> None:
    give(member.id, 50)
    spend(member.id, 20, at=AT + SECOND)

    body = member.get(EXPLANATION, at=clock.iso(AT)).json()

    assert (body["available"], [lot["taken_by"] for lot in body["lots"]]) == (50, [[]])


def test_points_that_have_ended_are_told_apart(member: Any) -> None:
    give(member.id, 50, expires_at=AT + timedelta(days=1))
    give(member.id, 7)

    body = member.get(EXPLANATION).json()

    assert (body["available"], body["posted"], body["ended"]) == (7, 57, 50)
    assert [lot["has_ended"] for lot in body["lots"]] == [True, False]


def test_a_member_without_points_has_an_explanation_of_nothing(member: Any) -> None:
    body = member.get(EXPLANATION).json()

    assert (body["available"], body["by_kind"], body["lots"]) == (0, [], [])


def test_a_transactions_explanation_names_its_lots_and_what_became_of_them(member: Any, operator: Any) -> None:
    gift = give(member.id, 50)
    spent = spend(member.id, 20, at=AT + SECOND, reference="order:1")
    undone = operations.reverse_transaction(spent.id, reason="sorry", actor_id=operator.id, at=AT + 2 * SECOND)

    body = member.get(f"{TRANSACTIONS}/{spent.id}/explanation").json()

    assert body["transaction"] == member.get(f"{TRANSACTIONS}/{spent.id}").json()
    assert (body["balance_before"], body["transaction"]["balance_after"]) == (50, 30)
    assert (body["reverses"], body["reversed_by"]) == (None, str(undone.id))
    (lot,) = body["lots"]
    assert (lot["came_from"]["transaction_id"], lot["remaining"]) == (str(gift.id), 50)
    assert [taken["points"] for taken in lot["taken_by"]] == [20, -20]
    assert member.get(f"{TRANSACTIONS}/{undone.id}/explanation").json()["reverses"] == str(spent.id)


def test_an_explanation_takes_the_same_number_of_statements_whatever_its_length(
    member: Any, django_assert_max_num_queries: Any
) -> None:
    for _ in range(20):
        give(member.id, 5)
        spend(member.id, 1)

    with django_assert_max_num_queries(9):
        assert len(member.get(EXPLANATION).json()["lots"]) == 16


def test_an_operator_reads_anybodys_explanation_and_a_member_only_the_own(
    operator: Any, member: Any, other_member: Any
) -> None:
    gift = give(member.id, 5)

    assert operator.get(EXPLANATION, member_id=member.id).json()["available"] == 5
    assert operator.get(f"{TRANSACTIONS}/{gift.id}/explanation").status_code == 200
    assert other_member.get(EXPLANATION, member_id=member.id).status_code == 404
    assert other_member.get(f"{TRANSACTIONS}/{gift.id}/explanation").json()["code"] == "points.transaction_not_found"


@pytest.mark.parametrize("path", [EXPLANATION, f"{TRANSACTIONS}/{UNKNOWN_ID}/explanation"])
def test_nothing_is_explained_without_the_scope(path: str, analyst: Any) -> None:
    assert analyst.get(path).status_code == 403


def test_pending_points_are_explained_until_they_are_spent(member: Any, operator: Any) -> None:
    (programme,) = operator.get("/api/v1/programmes").json()["results"]
    operator.patch(f"/api/v1/programmes/{programme['id']}", {"pending_days": 14})
    payment_id = buy(member, 12_000)
    (earned,) = member.get(TRANSACTIONS).json()["results"]
    before = member.get(f"{TRANSACTIONS}/{earned['id']}/explanation").json()

    activated = operator.post(f"/api/v1/points/pending/{earned['id']}/activate").json()["closed_by"]
    after = member.get(f"{TRANSACTIONS}/{activated}/explanation").json()
    provenance = member.get(EXPLANATION).json()

    assert (before["pending"]["state"], before["pending"]["remaining"], before["lots"]) == ("pending", 120, [])
    assert before["rule"]["payment_id"] == str(payment_id)
    assert (after["pending"]["id"], after["pending"]["state"]) == (earned["id"], "activated")
    (lot,) = provenance["lots"]
    assert (lot["came_from"]["kind"], lot["rule"]["payment_id"]) == ("activated", str(payment_id))
    assert [(one["kind"], one["change"]) for one in provenance["by_kind"]] == [("activated", 120), ("earned", 0)]


def test_what_has_nothing_to_do_with_pending_points_says_so(member: Any) -> None:
    fact = give(member.id, 10)
    give(member.id, 5, wait=Wait(in_days=3))

    assert member.get(f"{TRANSACTIONS}/{fact.id}/explanation").json()["pending"] is None
