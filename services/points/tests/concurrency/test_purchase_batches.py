"""Lists of purchases at once: none waits in a ring, and each purchase earns once."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from points.ledger.models import Transaction
from points.purchases.models import EarnedOrder, Purchase
from shared import clock
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import deliver
from shared.testing.proofs import race
from tests.factories import give, make_programme, points_of, prove, spend
from tests.messages.test_payments import captured

PATH = "/api/v1/points/purchases/batches"
NAMES = [f"order-{n}" for n in range(40)]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def members() -> list[UUID]:
    make_programme()
    return [new_id() for _ in range(5)]


def told(actor: Actor, members: list[UUID], names: list[str], **more: Any) -> list[str]:
    purchases = [
        {
            "member_id": str(members[int(name.removeprefix("order-")) % len(members)]),
            "purchase_id": name,
            "amount": {"amount": 1_000, "currency": "EUR"},
            **more,
        }
        for name in names
    ]
    answer = actor.post(PATH, {"purchases": purchases})
    assert answer.status_code == 200, answer.content
    return [one["error"]["code"] if one["error"] else one["status"] for one in answer.json()["results"]]


def test_two_merchants_at_once_record_each_its_own(merchant: Actor, members: list[UUID]) -> None:
    other = Actor(replace(merchant.caller, id=new_id(), merchant_id=new_id()))

    found = race(4, lambda turn: told((merchant, other)[turn % 2], members, NAMES[:: 1 if turn < 2 else -1]))

    assert sorted(code for codes in found for code in codes) == ["recorded"] * 80 + ["repeated"] * 80
    assert (Purchase.objects.count(), EarnedOrder.objects.count(), Transaction.objects.count()) == (80, 80, 80)
    assert [points_of(member, at=clock.now())[0] for member in members] == [160] * 5
    prove()


def test_an_order_earns_once_by_its_payment_or_in_a_list(merchant: Actor, members: list[UUID]) -> None:
    def one(turn: int) -> Any:
        if turn % 2:
            return told(merchant, members, NAMES[::-1])
        payments = [
            captured(members[n % 5], {"1": 1_000}, order_id=name, merchant_id=merchant.caller.merchant_id)
            for n, name in enumerate(NAMES)
        ]
        return deliver(*payments).failed

    found = race(4, one)

    codes = {code for codes in found if isinstance(codes, list) for code in codes}
    assert codes <= {"recorded", "repeated", "points.order_earned"}
    assert [one for one in found if isinstance(one, dict)] == [{}, {}]
    assert (EarnedOrder.objects.count(), Transaction.objects.count()) == (40, 40)
    assert [points_of(member, at=clock.now())[0] for member in members] == [80] * 5
    prove()


def test_lists_that_are_paid_by_points_do_not_wait_in_a_ring(merchant: Actor, members: list[UUID]) -> None:
    at = clock.now()
    for member in members:
        give(member, 100, at=at)
    paid = [spend(members[n % 5], 10, at=at).id for n in range(40)]
    actors = [Actor(replace(merchant.caller, id=new_id(), merchant_id=new_id())) for _ in range(4)]

    def one(turn: int) -> Any:
        names = NAMES[:: 1 if turn % 2 else -1]
        bodies = [
            {
                "member_id": str(members[int(name.removeprefix("order-")) % 5]),
                "purchase_id": name,
                "amount": {"amount": 1_000, "currency": "EUR"},
                "money_amount": 0 if int(name.removeprefix("order-")) % 3 else 900,
                "redemption_ids": [str(paid[int(name.removeprefix("order-"))])],
            }
            for name in names
        ]
        return actors[turn].post(PATH, {"purchases": bodies}).json()["results"]

    found = race(4, one)

    codes = [one["error"]["code"] if one["error"] else one["status"] for results in found for one in results]
    assert sorted(codes) == ["points.redemption_not_usable"] * 120 + ["recorded"] * 40
    prove()
