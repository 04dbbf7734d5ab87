"""Budgets of a period and of each merchant or member, and what is told of how far they are used."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from points.budgets.operations import change_budget
from points.programmes.queries import default_programme
from shared.contracts.budgets import BudgetAlert
from shared.instants import read_instant
from shared.testing.messages import published
from shared.testing.roles import OPERATOR
from tests.budget_factories import MERCHANT, OTHER_MERCHANT, buy, make_budget, points, used
from tests.factories import AT, take_back
from tests.judging_factories import BASE, activate
from tests.rules.earning.factories import rule_set

pytestmark = pytest.mark.django_db


def test_a_day_is_one_of_the_programmes_zone(me: UUID) -> None:
    activate(rule_set(BASE))
    budget = make_budget(15, per="day")
    zone = default_programme().timezone
    assert zone == "Europe/Berlin"
    before, after = read_instant("2026-03-01T22:59:59Z"), read_instant("2026-03-01T23:00:00Z")

    assert points(buy(me, at=before), buy(me, at=before), buy(me, at=after)) == [10, 5, 10]
    assert used(budget) == {("2026-03-01", ""): 15, ("2026-03-02", ""): 10}


def test_what_comes_back_later_is_of_the_period_in_which_it_was_given(me: UUID) -> None:
    activate(rule_set(BASE))
    budget, bought = make_budget(15, per="day"), buy(me)

    take_back(bought, at=AT + timedelta(days=2))

    assert used(budget) == {("2026-03-01", ""): 0}


@pytest.mark.parametrize("each", ["merchant", "member"])
def test_each_can_have_their_own(me: UUID, other_member: Any, each: str) -> None:
    activate(rule_set(BASE))
    budget = make_budget(15, per="day", each=each)
    who = {"merchant": [(me, MERCHANT), (other_member.id, MERCHANT), (me, OTHER_MERCHANT)]}.get(
        each, [(me, MERCHANT), (me, OTHER_MERCHANT), (other_member.id, MERCHANT)]
    )

    assert [buy(member_id, merchant_id=merchant_id).points for member_id, merchant_id in who] == [10, 5, 10]
    keys = (MERCHANT, OTHER_MERCHANT) if each == "merchant" else (me, other_member.id)
    assert used(budget) == {("2026-03-01", str(keys[0])): 15, ("2026-03-01", str(keys[1])): 10}


def test_without_a_merchant_no_merchants_budget_counts(me: UUID) -> None:
    activate(rule_set(BASE))
    budget = make_budget(5, each="merchant")

    assert (buy(me).points, used(budget)) == (10, {})


def test_it_is_told_once_that_a_budget_came_to_its_percentage(me: UUID) -> None:
    activate(rule_set(BASE))
    budget = make_budget(25, alert_percent=80)
    bought = buy(me)
    assert published(BudgetAlert) == []

    second = buy(me)
    (alert,) = published(BudgetAlert)
    assert (alert.budget_id, alert.used, alert.most, alert.period, alert.each) == (budget.id, 20, 25, "ever", None)
    take_back(second)
    take_back(bought)
    buy(me, 2_500)
    assert len(published(BudgetAlert)) == 1


def test_each_period_is_told_of_for_itself(me: UUID) -> None:
    activate(rule_set(BASE))
    make_budget(10, per="day")

    buy(me)
    buy(me, at=AT + timedelta(days=1))

    assert [one.period for one in published(BudgetAlert)] == ["2026-03-01", "2026-03-02"]


def test_one_that_comes_to_its_percentage_by_a_change_is_told(me: UUID) -> None:
    activate(rule_set(BASE))
    budget = make_budget(100)
    buy(me, 6_000)
    change = {"name": "All", "alert_percent": 80, "actor_id": OPERATOR.id, "at": AT}

    change_budget(budget.programme_id, "all", most=76, **change)
    assert published(BudgetAlert) == []
    change_budget(budget.programme_id, "all", most=75, **change)
    change_budget(budget.programme_id, "all", most=50, **change)

    assert [(one.used, one.most) for one in published(BudgetAlert)] == [(60, 75)]
