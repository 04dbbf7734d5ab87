"""Purchases at once get exactly what budgets have."""

from typing import Any
from uuid import UUID

import pytest

from points.budgets.models import BudgetPeriod
from shared import clock
from shared.contracts.budgets import BudgetAlert
from shared.ids import new_id
from shared.testing.messages import published
from shared.testing.proofs import race
from tests.budget_factories import make_budget
from tests.factories import make_programme, prove, register, take_back
from tests.judging_factories import BASE, activate, buy_lines
from tests.rules.earning.factories import rule_set

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE, EACH = 50, 4


@pytest.fixture(autouse=True)
def programme() -> None:
    make_programme()


def members(count: int) -> list[UUID]:
    made = [new_id() for _ in range(count)]
    register(*made)
    return made


def buy(who: UUID) -> Any:
    return buy_lines(who, {}, amount=1_000, at=clock.now())


def of(results: list[Any]) -> list[int]:
    """What purchases of each list earned; none was refused."""
    assert [one for one in results if isinstance(one, Exception)] == []
    return sorted(one.points for those in results for one in those)


def test_two_hundred_at_once_get_a_thousand_points_and_no_more() -> None:
    activate(rule_set(BASE))
    make_budget(1_000)
    who = members(AT_ONCE)

    results = race(AT_ONCE, lambda number: [buy(who[number]) for _ in range(EACH)])

    assert of(results) == [0] * 100 + [10] * 100
    assert BudgetPeriod.objects.get().used == 1_000
    assert [(one.used, one.most) for one in published(BudgetAlert)] == [(800, 1_000)]
    back = next(one for those in results for one in those if one.points)
    take_back(back, at=clock.now())
    assert (buy(who[0]).points, buy(who[0]).points) == (10, 0)
    prove()


@pytest.mark.parametrize(("of_what", "most", "given"), [("money", 505, [5] + [10] * 50), ("uses", 51, [10] * 51)])
def test_money_and_uses_are_as_exact(of_what: str, most: int, given: list[int]) -> None:
    activate(rule_set(BASE))
    make_budget(most, of=of_what)
    who = members(AT_ONCE)

    results = race(AT_ONCE, lambda number: [buy(who[number]) for _ in range(2)])

    assert of(results) == [0] * (100 - len(given)) + given
    prove()


def test_returns_and_purchases_at_once_leave_what_both_say() -> None:
    activate(rule_set(BASE))
    make_budget(10 * AT_ONCE)
    who = members(AT_ONCE)
    bought = [buy(one) for one in who]

    def turn(number: int) -> Any:
        if number % 2:
            return take_back(bought[number], at=clock.now())
        # Two members' accounts and one budget, both ways at once.
        return buy(who[AT_ONCE - 1 - number])

    results = race(AT_ONCE, turn)

    assert [one for one in results if isinstance(one, Exception)] == []
    given = sum(results[number].points for number in range(0, AT_ONCE, 2))
    assert BudgetPeriod.objects.get().used == 10 * AT_ONCE - 10 * (AT_ONCE // 2) + given
    prove()
