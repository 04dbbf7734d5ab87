"""However a purchase comes back, in the end it took and gave exactly what was earned and spent."""

import random
from typing import Any
from uuid import UUID

import pytest
from django.db.models import F

from points.purchases.models import Purchase, PurchaseLine, PurchaseReturn
from shared.ids import new_id
from shared.testing.messages import deliver
from tests.factories import AT, buy, give, points_of, prove, set_policy, spend, take_back
from tests.messages.test_payments import captured, refunded
from tests.operations.return_factories import DAY, parts

pytestmark = pytest.mark.django_db


def test_a_thousand_random_partial_refunds_take_exactly_what_was_earned(me: UUID) -> None:
    dice = random.Random(20_260_301)
    members = [new_id() for _ in range(5)]
    payments = [captured(dice.choice(members), _prices(dice)) for _ in range(60)]
    deliver(*payments)
    left = {(n, line.line_id): line.amount for n, payment in enumerate(payments) for line in payment.lines}
    for one_list in range(20):
        for member_id in members:
            give(member_id, dice.randint(1, 20), expires_at=AT + dice.randint(1, 9) * DAY)
            if there := points_of(member_id)[0]:
                spend(member_id, dice.randint(1, there))
        set_policy(dice.choice(["pending_only", "floor_zero", "arrears"]), dice.choice([None, 0, 50]))
        deliver(*[_random_refund(dice, payments, left, is_last=one_list == 19) for _ in range(50)])
    deliver(*[refunded(payments[n], amount, {line: amount}) for (n, line), amount in left.items() if amount])

    returned = PurchaseReturn.objects.values_list("points", "own", "others", "owed", "forgiven")
    assert len(returned) >= 1_000
    assert all(points == sum(parts) for points, *parts in returned)
    assert set(Purchase.objects.values_list("points_returned", flat=True)) != {0}
    assert not Purchase.objects.exclude(points_returned=F("points"), returned=F("amount")).exists()
    assert not PurchaseLine.objects.exclude(points_returned=F("points"), returned=F("amount")).exists()
    prove()


def _prices(dice: random.Random) -> dict[str, int]:
    return {str(n): dice.randint(1, 30_000) for n in range(dice.randint(1, 5))}


def _random_refund(dice: random.Random, payments: Any, left: dict[tuple[int, str], int], *, is_last: bool) -> Any:
    """Return a refund of a part of a random line; small parts, so that there is some for a thousand."""
    n, line = dice.choice([key for key, amount in left.items() if amount])
    amount = left[n, line] if is_last and dice.random() < 0.5 else dice.randint(1, 1 + left[n, line] // 5)
    left[n, line] -= amount
    return refunded(payments[n], amount, {line: amount})


def test_random_partial_returns_give_and_take_exactly_what_was_spent_and_earned(me: UUID) -> None:
    dice, count = random.Random(20_260_301), 0
    while count < 120:
        give(me, dice.randint(1, 300), expires_at=AT + dice.randint(1, 9) * DAY)
        ids = [spend(me, dice.randint(1, points_of(me)[0])).id for _ in range(2) if points_of(me)[0]]
        set_policy(dice.choice(["pending_only", "floor_zero", "arrears"]), dice.choice([None, 0, 50]))
        lines = {str(n): (dice.randint(1, 9), dice.randint(1, 9_999)) for n in range(dice.randint(1, 4))}
        money = sum(cost for _, cost in lines.values())
        bought = buy(me, lines, redemption_ids=tuple(ids), money_amount=money)
        back = [take_back(bought, command) for command in _pieces(dice, lines)]
        assert sum(one.points for one in back) == sum(sum(parts(one)) for one in back) == bought.points
        assert (sum(one.restored for one in back), sum(one.amount for one in back)) == (bought.spent, money)
        count += len(back)
    prove()


def _pieces(dice: random.Random, lines: dict[str, tuple[int, int]]) -> list[dict[str, int]]:
    """Return all pieces of lines in random parts and order."""
    pieces = [name for name, (count, _) in lines.items() for _ in range(count)]
    dice.shuffle(pieces)
    found = []
    while pieces:
        part = [pieces.pop() for _ in range(dice.randint(1, min(3, len(pieces))))]
        found.append({name: part.count(name) for name in part})
    return found
