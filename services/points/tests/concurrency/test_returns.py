from typing import Any
from uuid import UUID

import pytest

from points.ledger import operations
from points.ledger.errors import PaysPurchase
from points.ledger.models import Transaction
from points.ledger.rules.values import Posted
from points.purchases.errors import RedemptionNotUsable, ReturnTooLarge
from points.purchases.models import Purchase, PurchaseReturn
from points.purchases.rows.refunds import Returned
from points.purchases.rules import purchases as values
from shared import clock
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.proofs import race
from tests.factories import buy, give, make_programme, points_of, prove, spend, take_back

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/api/v1/points/purchases"


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    return member.id


def test_two_returns_of_one_line_at_once_take_it_back_once(me: UUID) -> None:
    bought = buy(me, {"1": (1, 6_000), "2": (1, 4_000)}, at=clock.now())

    results = race(2, lambda _: take_back(bought, {"1": 1}, at=clock.now()))

    done = [one for one in results if isinstance(one, Returned)]
    refused = [one for one in results if isinstance(one, ReturnTooLarge)]
    assert (len(done), len(refused), done[0].points) == (1, 1, 60)
    assert points_of(me, at=clock.now()) == (40, 0)
    prove()


def test_twenty_returns_of_ten_pieces_at_once_take_back_ten(me: UUID) -> None:
    at = clock.now()
    give(me, 333, at=at)
    paid = spend(me, 333, at=at)
    bought = buy(me, {"1": (10, 9_999)}, redemption_ids=(paid.id,), money_amount=9_999, at=at)

    results = race(20, lambda _: take_back(bought, {"1": 1}, at=clock.now()))

    done = [one for one in results if isinstance(one, Returned)]
    assert sum(isinstance(one, ReturnTooLarge) for one in results) == 10
    assert (len(done), sum(one.points for one in done), sum(one.restored for one in done)) == (10, 99, 333)
    assert points_of(me, at=clock.now()) == (333, 0)
    prove()


def test_one_return_id_fifty_times_at_once_has_one_effect_and_one_answer(me: UUID, merchant: Actor) -> None:
    body = {"member_id": str(me), "purchase_id": "order-7", "amount": {"amount": 10_000, "currency": "EUR"}}
    recorded = merchant.post(PATH, body).json()

    answers: Any = race(50, lambda _: merchant.post(f"{PATH}/{recorded['id']}/returns", {"return_id": "r-1"}))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert (PurchaseReturn.objects.count(), Transaction.objects.count()) == (1, 2)
    prove()


def test_one_purchase_id_twenty_times_at_once_earns_once_whoever_is_named(me: UUID) -> None:
    at, others = clock.now(), new_id()

    results = race(20, lambda turn: buy(others if turn % 2 else me, {"1": (1, 5_000)}, reference="order-7", at=at))

    recorded = [one for one in results if isinstance(one, values.Purchase)]
    assert len({one.payment_id for one in recorded}) == 1
    assert len(recorded) == 10
    assert (Purchase.objects.count(), Transaction.objects.count()) == (1, 1)
    prove()


@pytest.mark.parametrize("attempt", range(4))
def test_a_redemption_is_reversed_or_pays_at_once_and_never_both(me: UUID, attempt: int) -> None:
    at = clock.now()
    give(me, 100, at=at)
    paid = spend(me, 60, at=at)

    def one(turn: int) -> Any:
        if (turn + attempt) % 2:
            return operations.reverse_transaction(paid.id, reason="", actor_id=new_id(), at=at)
        return buy(me, {"1": (1, 5_000)}, redemption_ids=(paid.id,), money_amount=0, at=at)

    results = race(8, one)

    bought = [result for result in results if isinstance(result, values.Purchase)]
    undone = [result for result in results if isinstance(result, Posted)]
    assert len(bought) + len(undone) == 1
    refused = [result for result in results if isinstance(result, PaysPurchase | RedemptionNotUsable)]
    assert len(refused) >= 4 - len(bought)
    for purchase in bought:
        take_back(purchase, at=at)
    assert points_of(me, at=at) == (100, 0)
    prove()


def test_returns_redemptions_and_earnings_at_once_do_not_deadlock(me: UUID) -> None:
    at = clock.now()
    bought = [buy(me, {"1": (10, 10_000)}, at=at) for _ in range(4)]

    def one(turn: int) -> Any:
        if turn % 3 == 0:
            return spend(me, 10, at=at)
        if turn % 3 == 1:
            return give(me, 7, at=at)
        return take_back(bought[turn % 4], {"1": 1}, at=at)

    results = [result for _ in range(3) for result in race(12, one)]

    assert [result for result in results if isinstance(result, Exception)] == []
    assert sum(points_of(me, at=at)) == 400 - 120 + 84 - 120
    prove()
