"""Purchases come back by pieces, by amounts or as a whole, and take back what they earned."""

from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from points.ledger.models import Transaction
from points.purchases import operations as purchases
from points.purchases.errors import LineUnknown, NothingToReturn, ReturnIdReused, ReturnTooLarge
from points.purchases.rules.purchases import RecordedPurchase
from shared.ids import new_id
from shared.testing.proofs import nothing_written
from tests.factories import AT, buy, give, points_of, prove, set_policy, spend, take_back
from tests.operations.return_factories import DAY, ONE_LINE, parts

pytestmark = pytest.mark.django_db


# Earn 100, spend 60, return half, return the rest: how each return takes its 50, then what is there and what is owed.
@pytest.mark.parametrize(
    ("policy", "cap", "order", "half", "rest", "balance"),
    [
        ("arrears", None, "spend half rest", (40, 0, 10, 0), (0, 0, 50, 0), (0, -60)),
        ("arrears", 30, "spend half rest", (40, 0, 10, 0), (0, 0, 20, 30), (0, -30)),
        ("arrears", 10, "spend half rest", (40, 0, 10, 0), (0, 0, 0, 50), (0, -10)),
        ("arrears", 0, "spend half rest", (40, 0, 0, 10), (0, 0, 0, 50), (0, 0)),
        ("floor_zero", None, "spend half rest", (40, 0, 0, 10), (0, 0, 0, 50), (0, 0)),
        ("pending_only", None, "spend half rest", (0, 0, 0, 50), (0, 0, 0, 50), (40, 0)),
        ("arrears", None, "half spend rest", (50, 0, 0, 0), (0, 0, 50, 0), (0, -50)),
        ("arrears", 30, "half spend rest", (50, 0, 0, 0), (0, 0, 30, 20), (0, -30)),
        ("floor_zero", None, "half spend rest", (50, 0, 0, 0), (0, 0, 0, 50), (0, 0)),
        ("pending_only", None, "half spend rest", (0, 0, 0, 50), (0, 0, 0, 50), (40, 0)),
        ("arrears", None, "half rest spend", (50, 0, 0, 0), (50, 0, 0, 0), (0, 0)),
        ("floor_zero", None, "half rest spend", (50, 0, 0, 0), (50, 0, 0, 0), (0, 0)),
        ("pending_only", None, "half rest spend", (0, 0, 0, 50), (0, 0, 0, 50), (40, 0)),
        ("arrears", None, "give spend half rest", (50, 0, 0, 0), (10, 0, 40, 0), (0, -40)),
        ("arrears", None, "spend give half rest", (40, 10, 0, 0), (0, 10, 40, 0), (0, -40)),
        ("floor_zero", None, "spend give half rest", (40, 10, 0, 0), (0, 10, 0, 40), (0, 0)),
        ("pending_only", None, "spend give half rest", (0, 0, 0, 50), (0, 0, 0, 50), (60, 0)),
    ],
)
def test_earn_100_spend_60_return_half_return_the_rest(
    me: UUID,
    policy: str,
    cap: int | None,
    order: str,
    half: tuple[int, ...],
    rest: tuple[int, ...],
    balance: tuple[int, int],
) -> None:
    set_policy(policy, cap)
    bought = buy(me, ONE_LINE)
    steps: dict[str, Any] = {
        "spend": lambda: (there := points_of(me)[0]) and spend(me, min(60, there)),
        "give": lambda: give(me, 20, expires_at=AT + DAY),
        "half": lambda: take_back(bought, {"1": 2}),
        "rest": lambda: take_back(bought),
    }

    done = {step: steps[step]() for step in order.split()}
    prove()

    assert (parts(done["half"]), parts(done["rest"])) == (half, rest)
    assert points_of(me) == balance


def test_the_points_of_lines_and_pieces_add_up_to_what_was_earned(me: UUID) -> None:
    bought = buy(me, {"a": (3, 1_000), "b": (7, 999), "c": (1, 0)})
    assert (bought.points, [line.points for line in bought.lines]) == (19, [10, 9, 0])

    taken = [take_back(bought, {"a": 1}) for _ in range(3)]
    taken += [take_back(bought, {"b": 1, "c": 1})] + [take_back(bought, {"b": 2}) for _ in range(3)]

    assert [one.amount for one in taken] == [333, 334, 333, 143, 285, 286, 285]
    assert [one.points for one in taken] == [3, 4, 3, 1, 3, 2, 3]
    assert points_of(me) == (0, 0)
    prove()


def test_amounts_and_the_rest_of_a_purchase_without_lines(me: UUID) -> None:
    bought = buy(me, {}, amount=10_000)

    assert [take_back(bought, amount=amount).points for amount in (3_333, 3_333)] == [33, 34]
    last = take_back(bought)

    assert (last.amount, last.points) == (3_334, 33)
    prove()


@pytest.mark.parametrize(
    ("lines", "amount", "refusal", "members"),
    [
        ({"2": 1}, None, LineUnknown, {"line_id": "2"}),
        ({"1": 4}, None, ReturnTooLarge, {"line_id": "1", "requested": 4, "returnable": 3}),
        (None, 7_501, ReturnTooLarge, {"requested": 7_501, "returnable": 7_500}),
    ],
)
def test_no_more_comes_back_than_is_left(me: UUID, lines: Any, amount: Any, refusal: Any, members: Any) -> None:
    bought = buy(me, ONE_LINE)
    take_back(bought, {"1": 1})

    with nothing_written(), pytest.raises(refusal) as raised, transaction.atomic():
        take_back(bought, lines, amount)

    assert raised.value.members == members


def test_a_line_whose_money_came_back_otherwise_is_too_much(me: UUID) -> None:
    bought = buy(me, ONE_LINE)
    take_back(bought, amount=9_000)

    with nothing_written(), pytest.raises(ReturnTooLarge), transaction.atomic():
        take_back(bought, {"1": 1})
    assert take_back(bought).points == 10
    with nothing_written(), pytest.raises(NothingToReturn), transaction.atomic():
        take_back(bought)
    prove()


def test_a_return_has_its_effect_once_and_another_one_by_its_id_is_refused(me: UUID) -> None:
    bought = buy(me, ONE_LINE)
    first = take_back(bought, {"1": 1}, return_id="r-1")

    with nothing_written():
        assert take_back(bought, {"1": 1}, return_id="r-1") == first
    with nothing_written(), pytest.raises(ReturnIdReused), transaction.atomic():
        take_back(bought, {"1": 2}, return_id="r-1")


def test_a_purchase_recorded_again_is_the_same_and_another_by_its_id_is_refused(me: UUID) -> None:
    first = buy(me, ONE_LINE, reference="order-7")

    with nothing_written():
        again = buy(me, ONE_LINE, reference="order-7")

    assert (again.payment_id, again.points) == (first.payment_id, 100)
    other_merchant = buy(me, ONE_LINE, reference="order-7", merchant_id=new_id())
    assert other_merchant.payment_id != first.payment_id


def test_recorded_purchases_are_what_the_ledger_takes(me: UUID) -> None:
    recorded_purchase = RecordedPurchase(
        reference="r", merchant_id=None, member_id=me, currency="EUR", amount=99, occurred_at=AT
    )
    bought = purchases.record_purchase(recorded_purchase, programme_id=None, actor_id=None, at=AT)

    done = take_back(bought)

    assert (bought.points, bought.transaction_id, done.points, done.transaction_id) == (0, None, 0, None)
    assert Transaction.objects.count() == 0
    prove()
