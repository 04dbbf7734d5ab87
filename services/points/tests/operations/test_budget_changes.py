"""Budgets are changed and end, and what cannot be one is refused."""

from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from points.budgets.errors import BudgetExists, BudgetNotFound, BudgetRuleUnknown, BudgetTooSmall, TooManyBudgets
from points.budgets.operations import MOST_BUDGETS, change_budget, end_budget
from points.programmes.queries import default_programme
from shared.testing.proofs import nothing_written
from shared.testing.roles import OPERATOR
from tests.budget_factories import buy, make_budget, points, used
from tests.factories import AT, make_programme, take_back
from tests.judging_factories import BASE, activate
from tests.rules.earning.factories import rule_set

pytestmark = pytest.mark.django_db


def test_more_can_be_given_once_a_budget_has_more(me: UUID) -> None:
    activate(rule_set(BASE))
    budget = make_budget(15)
    buy(me), buy(me)

    change_budget(budget.programme_id, "all", name="All", most=22, alert_percent=80, actor_id=OPERATOR.id, at=AT)
    assert points(buy(me), buy(me)) == [7, 0]
    change_budget(budget.programme_id, "all", name="All", most=5, alert_percent=80, actor_id=OPERATOR.id, at=AT)
    assert points(buy(me)) == [0]
    assert used(budget) == {("ever", ""): 22}


def test_a_budget_that_ended_counts_nothing_and_its_code_is_free(me: UUID) -> None:
    activate(rule_set(BASE))
    first, bought = make_budget(5), buy(me)
    end_budget(first.programme_id, "all", actor_id=OPERATOR.id, at=AT)

    assert points(buy(me)) == [10]
    take_back(bought)
    assert used(first) == {("ever", ""): 0}
    assert points(buy(me)) == [10]
    assert used(make_budget(7)) == {}
    assert points(buy(me)) == [7]


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"code": "one"}, BudgetExists),
        ({"rule_id": "nobody"}, BudgetRuleUnknown),
    ],
)
def test_what_cannot_be_a_budget_is_refused(me: UUID, said: dict[str, Any], refusal: type[Exception]) -> None:
    make_budget(5, code="one")

    with nothing_written(), pytest.raises(refusal), transaction.atomic():
        make_budget(5, **{"code": "two"} | said)


def test_money_that_is_worth_no_point_is_no_budget() -> None:
    make_programme(value_points=1, value_amount=100)

    with nothing_written(), pytest.raises(BudgetTooSmall), transaction.atomic():
        make_budget(99, of="money")


def test_a_programme_has_so_many_budgets(me: UUID) -> None:
    for number in range(MOST_BUDGETS):
        make_budget(5, code=f"b{number}")

    with nothing_written(), pytest.raises(TooManyBudgets), transaction.atomic():
        make_budget(5, code="more")


def test_what_is_not_there_does_not_change(me: UUID) -> None:
    with nothing_written(), pytest.raises(BudgetNotFound), transaction.atomic():
        end_budget(default_programme().id, "none", actor_id=OPERATOR.id, at=AT)
