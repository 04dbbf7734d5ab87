"""What rules give to everybody together stays within budgets, and what comes back can be given again."""

from typing import Any
from uuid import UUID

import pytest

from points.purchases.rows import judgements
from shared.contracts.budgets import BudgetAlert
from shared.testing import roles
from shared.testing.messages import published
from tests.budget_factories import MERCHANT, buy, make_budget, points, used
from tests.factories import make_programme, prove, take_back
from tests.judging_factories import BASE, activate
from tests.rules.earning.factories import DOUBLE, fixed, rule, rule_set

pytestmark = pytest.mark.django_db
MEMBER = roles.MEMBER.id
BONUS = rule("bonus", fixed(10))


def test_the_last_points_are_trimmed_and_then_there_are_none(me: UUID, other_member: Any) -> None:
    activate(rule_set(BASE))
    budget = make_budget(25)

    assert points(buy(me), buy(other_member.id), buy(me), buy(other_member.id)) == [10, 10, 5, 0]
    assert used(budget) == {("ever", ""): 25}
    prove()


def test_what_comes_back_can_be_given_again(me: UUID) -> None:
    activate(rule_set(BASE))
    budget = make_budget(15)
    first, second = buy(me), buy(me)

    take_back(second, amount=500)
    assert used(budget) == {("ever", ""): 12}
    take_back(first)
    assert used(budget) == {("ever", ""): 2}
    assert points(buy(me), buy(me)) == [10, 3]
    take_back(second)
    assert used(budget) == {("ever", ""): 13}
    prove()


def test_a_preview_of_a_return_gives_nothing_back(me: UUID) -> None:
    activate(rule_set(BASE))
    budget, bought = make_budget(15), buy(me)

    take_back(bought, preview=True)

    assert used(budget) == {("ever", ""): 10}


def test_a_budget_that_refuses_gives_all_or_nothing(me: UUID) -> None:
    activate(rule_set(BASE))
    make_budget(15, beyond="refuse")

    assert points(buy(me), buy(me), buy(me, 500)) == [10, 0, 5]


def test_a_budget_of_one_rule_leaves_the_others_alone(me: UUID) -> None:
    activate(rule_set(BASE, BONUS))
    budget = make_budget(15, rule_id="bonus")

    bought = [buy(me), buy(me), buy(me)]

    assert points(*bought) == [20, 15, 10]
    assert used(budget) == {("ever", ""): 15}
    outcome = judgements.read([bought[1].payment_id])[bought[1].payment_id].outcome
    assert {one.rule_id: (one.points, one.budget, one.cut) for one in outcome.rules} == {
        "base": (10, None, 0), "bonus": (5, "all", 5),
    }  # fmt: skip
    last = judgements.read([bought[2].payment_id])[bought[2].payment_id].outcome.rules[1]
    assert (last.rule_id, last.why, last.points, last.cut) == ("bonus", "budget", 0, 10)


def test_what_a_budget_of_all_leaves_is_shared_by_what_each_rule_gave(me: UUID) -> None:
    activate(rule_set(BASE, rule("double", DOUBLE), BONUS))
    make_budget(15)

    bought = buy(me)

    outcome = judgements.read([bought.payment_id])[bought.payment_id].outcome
    assert {one.rule_id: (one.points, one.cut) for one in outcome.rules} == {
        "base": (5, 5), "double": (5, 5), "bonus": (5, 5),
    }  # fmt: skip
    assert (outcome.rest, outcome.fixed, bought.points) == (10, 5, 15)
    take_back(bought)
    prove()


def test_a_rules_own_budget_comes_before_that_of_all(me: UUID) -> None:
    activate(rule_set(BASE, BONUS))
    own, all_ = make_budget(4, code="z-own", rule_id="bonus"), make_budget(13, code="a-all")

    assert points(buy(me)) == [13]
    # 10 and 4, of which 13 are left.
    assert (sum(used(own).values()), sum(used(all_).values())) == (4, 13)


def test_uses_are_counted_once_for_each_purchase(me: UUID) -> None:
    activate(rule_set(BASE, BONUS))
    budget = make_budget(2, of="uses", rule_id="bonus")

    first, second, third = buy(me), buy(me), buy(me)

    assert points(first, second, third) == [20, 20, 10]
    take_back(second, amount=400)
    assert used(budget) == {("ever", ""): 2}
    take_back(second)
    assert used(budget) == {("ever", ""): 1}
    assert points(buy(me), buy(me)) == [20, 10]


def test_money_is_as_many_points_as_are_worth_it() -> None:
    make_programme(value_points=3, value_amount=7)
    activate(rule_set(BASE))
    # 42.85 points.
    budget = make_budget(100, of="money")

    bought = [buy(MEMBER, 2_000), buy(MEMBER, 2_000), buy(MEMBER, 2_000)]

    assert (budget.units, points(*bought)) == (42, [20, 20, 2])
    # 40 points are worth 93.33.
    (alert,) = published(BudgetAlert)
    assert (alert.of, alert.used, alert.most) == ("money", 94, 100)


def test_a_purchase_that_was_recorded_before_uses_nothing_more(me: UUID) -> None:
    activate(rule_set(BASE))
    budget = make_budget(25)

    bought = [buy(me, reference="till-1", merchant_id=MERCHANT) for _ in range(3)]

    assert (points(*bought), used(budget)) == ([10, 10, 10], {("ever", ""): 10})
