"""Purchases come back, by lines, by an amount or as a whole, once."""

from dataclasses import replace
from typing import Any

import pytest

from points.purchases.models import Purchase
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import deliver
from shared.testing.proofs import nothing_written
from tests.api.purchase_requests import PATH, give_back, programme, record, till
from tests.factories import give, prove, set_policy, spend
from tests.messages.test_payments import captured

__all__ = ["programme", "till"]  # fixtures
pytestmark = pytest.mark.django_db


def test_a_line_comes_back(till: Actor, member: Actor) -> None:
    recorded = record(till)

    answer = give_back(till, recorded, lines=[{"line_id": "1", "quantity": 1}], reason="too small")

    assert answer.status_code == 201, answer.content
    done = answer.json()
    assert done["amount"] == {"amount": 3_500, "currency": "EUR"}
    assert done["lines"] == [{"line_id": "1", "quantity": 1, "amount": 3_500}]
    assert (done["points"], done["own"], done["others"], done["owed"], done["forgiven"]) == (35, 35, 0, 0, 0)
    assert (done["policy"], done["restored"], done["expired"], done["preview"]) == ("arrears", 0, 0, False)
    assert (done["reason"], done["return_id"], done["purchase"]) == ("too small", "r-1", recorded["id"])
    moved = member.get(f"/api/v1/points/transactions/{done['transaction_id']}").json()
    assert (moved["kind"], moved["points"], moved["reference"]) == ("returned", 35, f"return:{done['id']}")
    prove()


def test_the_purchase_says_what_came_back_and_what_still_can(till: Actor, member: Actor, operator: Actor) -> None:
    give(member.id, 50)
    paid = str(spend(member.id, 50).id)
    recorded = record(till, redemption_ids=[paid], money_amount=6_000)
    give_back(till, recorded, amount={"amount": 6_000, "currency": "EUR"})

    for actor in (till, member, operator):
        found = actor.get(f"{PATH}/{recorded['id']}").json()

        assert (found["points"], found["points_returned"]) == (60, 30)
        assert (found["returned"], found["returnable"]) == (6_000, 6_000)
        assert found["redemptions"] == [{"redemption_id": paid, "points": 50, "restored": 25}]
        assert [(one["return_id"], one["points"], one["restored"]) for one in found["returns"]] == [("r-1", 30, 25)]


@pytest.mark.parametrize("how", ["query", "body"])
def test_a_preview_says_the_plan_needs_no_key_and_writes_nothing(till: Actor, member: Actor, how: str) -> None:
    set_policy("floor_zero")
    recorded = record(till)
    spend(member.id, 100)
    path, body = f"{PATH}/{recorded['id']}/returns", {"return_id": "r-1"}

    with nothing_written():
        if how == "query":
            answer = till.post(f"{path}?preview=true", body, key=None)
        else:
            answer = till.post(path, body | {"preview": True}, key=None)

    assert answer.status_code == 200, answer.content
    plan = answer.json()
    assert (plan["points"], plan["own"], plan["owed"], plan["forgiven"]) == (120, 20, 0, 100)
    assert (plan["id"], plan["transaction_id"], plan["preview"]) == (None, None, True)
    assert give_back(till, recorded).json()["forgiven"] == 100


def test_another_return_by_the_same_id_is_refused(till: Actor) -> None:
    recorded = record(till)
    give_back(till, recorded, lines=[{"line_id": "2", "quantity": 1}])
    with nothing_written():
        answer = give_back(till, recorded)

    assert (answer.status_code, answer.json()["code"]) == (422, "points.return_id_reused")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"lines": [{"line_id": "3", "quantity": 1}]}, "points.line_unknown"),
        ({"lines": [{"line_id": "1", "quantity": 3}]}, "points.return_too_large"),
        ({"amount": {"amount": 12_001, "currency": "EUR"}}, "points.return_too_large"),
        ({"amount": {"amount": 1, "currency": "USD"}}, "points.currency_mismatch"),
    ],
)
def test_a_return_of_what_is_not_there_is_refused(till: Actor, body: dict[str, Any], code: str) -> None:
    recorded = record(till)
    with nothing_written():
        answer = give_back(till, recorded, **body)

    assert (answer.status_code, answer.json()["code"]) == (409, code)


def test_a_purchase_that_came_back_whole_has_nothing_to_return(till: Actor) -> None:
    recorded = record(till)
    give_back(till, recorded)
    with nothing_written():
        answer = give_back(till, recorded, return_id="r-2")

    assert (answer.status_code, answer.json()["code"]) == (409, "points.nothing_to_return")


def test_a_program_of_the_programme_records_and_returns_its_own_purchases(till: Actor, operator: Actor) -> None:
    program = Actor(replace(operator.caller, id=new_id(), scopes=frozenset({"points:earn"})))
    recorded = record(program)

    assert (recorded["merchant_id"], give_back(program, recorded).status_code) == (None, 201)
    assert give_back(program, record(till)).status_code == 404


def test_a_payments_purchase_is_read_but_returned_by_its_refund_alone(
    till: Actor, member: Actor, operator: Actor
) -> None:
    deliver(captured(member.id, {"1": 12_000}))
    payment_id = str(Purchase.objects.get().payment_id)

    assert member.get(f"{PATH}/{payment_id}").json()["purchase_id"] is None
    with nothing_written():
        mine, foreign = give_back(operator, {"id": payment_id}), give_back(till, {"id": payment_id})
    assert (mine.status_code, mine.json()["code"]) == (409, "points.purchase_of_payment")
    assert foreign.status_code == 404
