from typing import Any

import pytest

from points.ledger.models import Transaction
from shared.ids import new_id
from shared.testing.proofs import nothing_written
from tests.factories import give, make_programme, prove, spend

ADJUSTMENTS = "/api/v1/points/adjustments"
BALANCE = "/api/v1/points/balance"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def programme() -> Any:
    return make_programme()


def reversal(transaction_id: Any) -> str:
    return f"/api/v1/points/transactions/{transaction_id}/reversal"


@pytest.mark.parametrize(("points", "balance"), [(50, 150), (-30, 70)])
def test_corrects_a_balance_and_keeps_who_and_why(operator: Any, member: Any, points: int, balance: int) -> None:
    give(member.id, 100)

    answer = operator.post(ADJUSTMENTS, {"member_id": str(member.id), "points": points, "reason": "ticket 7"})

    assert answer.status_code == 201, answer.content
    assert (answer.json()["kind"], answer.json()["change"]) == ("adjusted", points)
    kept = Transaction.objects.get(kind="adjusted")
    assert (kept.actor_id, kept.reason, kept.balance_after) == (operator.id, "ticket 7", balance)
    prove()


def test_a_deduction_beyond_the_balance_is_refused(operator: Any, member: Any) -> None:
    give(member.id, 10)

    with nothing_written():
        answer = operator.post(ADJUSTMENTS, {"member_id": str(member.id), "points": -11, "reason": "ticket 7"})

    assert (answer.status_code, answer.json()["code"]) == (409, "points.insufficient")


def test_reverses_a_redemption_once(operator: Any, member: Any) -> None:
    give(member.id, 100)
    spent = spend(member.id, 40)

    answer = operator.post(reversal(spent.id), {"reason": "order cancelled"}, key="a")

    assert (answer.status_code, answer.json()["kind"], answer.json()["change"]) == (201, "reversed", 40)
    with nothing_written():
        again = operator.post(reversal(spent.id), {"reason": "order cancelled"}, key="b")
        replayed = operator.post(reversal(spent.id), {"reason": "order cancelled"}, key="a")
    assert (again.status_code, again.json()["code"]) == (409, "points.already_reversed")
    assert again.json()["reversal"] == answer.json()["id"]
    assert replayed.content == answer.content
    prove()


def test_a_reversal_is_not_reversible(operator: Any, member: Any) -> None:
    undone = operator.post(reversal(give(member.id, 10).id)).json()

    with nothing_written():
        answer = operator.post(reversal(undone["id"]))

    assert (answer.status_code, answer.json()["code"]) == (409, "points.not_reversible")


def test_an_unknown_transaction_cannot_be_reversed(operator: Any) -> None:
    assert operator.post(reversal(new_id())).json()["code"] == "points.transaction_not_found"


def test_a_member_reverses_nothing(member: Any) -> None:
    earned = give(member.id, 10)

    with nothing_written():
        assert member.post(reversal(earned.id)).status_code == 403
