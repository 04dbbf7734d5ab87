"""Purchases at once get exactly what budgets have."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from points.budgets.models import BudgetPeriod
from points.programmes.queries import default_programme
from points.purchases.rules.purchases import Purchase
from shared import clock
from shared.contracts.budgets import BudgetAlert
from shared.ids import new_id
from shared.instants import read_instant
from shared.testing.messages import published
from shared.testing.proofs import race
from tests.budget_factories import make_budget, used
from tests.factories import make_programme, prove, register, take_back
from tests.judging_factories import BASE, activate, buy_lines
from tests.rules.earning.factories import rule_set

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE, EACH = 50, 4
# The last instant of a day in Berlin and the first one of the next: both are on the same day in UTC.
BEFORE, AFTER = read_instant("2026-03-06T22:59:59.999999Z"), read_instant("2026-03-06T23:00:00Z")


@pytest.fixture(autouse=True)
def programme() -> None:
    # A point is worth two cents, so that money is not counted as points are.
    make_programme(value_amount=200)


def members(count: int) -> list[UUID]:
    made = [new_id() for _ in range(count)]
    register(*made)
    return made


def buy(who: UUID, *, occurred_at: datetime | None = None) -> Purchase:
    now = clock.now()
    return buy_lines(who, {}, amount=1_000, at=now, occurred_at=occurred_at or now)


def two_hundred_at_once(who: list[UUID]) -> dict[datetime, list[Purchase]]:
    """Return what two hundred purchases at once came to, half of them on each side of midnight; none was refused."""
    sides = (BEFORE, AFTER)
    results: list[Any] = race(
        AT_ONCE, lambda number: [buy(who[number], occurred_at=sides[(number + turn) % 2]) for turn in range(EACH)]
    )
    assert [one for one in results if isinstance(one, Exception)] == []
    bought = [one for those in results for one in those]
    return {side: [one for one in bought if one.occurred_at == side] for side in sides}


def points(bought: list[Purchase]) -> list[int]:
    return sorted(one.points for one in bought)


def check_given_again(bought: list[Purchase], who: UUID) -> None:
    """Assert that one that is returned lets the next one on its day earn as much, and none after that."""
    back = next(one for one in bought if one.points == 10)
    take_back(back, at=clock.now())
    assert [buy(who, occurred_at=back.occurred_at).points for _ in range(2)] == [10, 0]


def test_two_hundred_at_once_get_a_thousand_points_and_no_more() -> None:
    activate(rule_set(BASE))
    make_budget(1_000)
    who = members(AT_ONCE)

    both = [one for bought in two_hundred_at_once(who).values() for one in bought]

    assert points(both) == [0] * 100 + [10] * 100
    assert BudgetPeriod.objects.get().used == 1_000
    assert [(one.used, one.most) for one in published(BudgetAlert)] == [(800, 1_000)]
    check_given_again(both, who[0])
    prove()


@pytest.mark.parametrize(
    ("of_what", "most", "units", "alert", "given"),
    [
        ("points", 505, 505, 410, [5] + [10] * 50),
        ("money", 1_011, 505, 820, [5] + [10] * 50),
        ("uses", 51, 51, 41, [10] * 51),
    ],
)
def test_two_hundred_at_once_across_midnight_use_the_budget_of_each_day_exactly(
    of_what: str, most: int, units: int, alert: int, given: list[int]
) -> None:
    assert default_programme().timezone == "Europe/Berlin"
    activate(rule_set(BASE))
    budget = make_budget(most, of=of_what, per="day")
    who = members(AT_ONCE)

    bought = two_hundred_at_once(who)

    assert {side: points(those) for side, those in bought.items()} == dict.fromkeys(
        (BEFORE, AFTER), [0] * (100 - len(given)) + given
    )
    exactly = {("2026-03-06", ""): units, ("2026-03-07", ""): units}
    assert used(budget) == exactly
    assert sorted((one.period, one.used) for one in published(BudgetAlert)) == [
        ("2026-03-06", alert), ("2026-03-07", alert)
    ]  # fmt: skip
    for those in bought.values():
        check_given_again(those, who[0])
    assert used(budget) == exactly
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
