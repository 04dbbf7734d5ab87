"""What rules give to everybody together stays within budgets, and what comes back can be given again."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from points.budgets.errors import BudgetExists, BudgetNotFound, BudgetRuleUnknown, BudgetTooSmall, TooManyBudgets
from points.budgets.operations import MOST_BUDGETS, change_budget, end_budget
from points.earning.rules import Schema
from points.events.models import Event
from points.events.operations import (
    Registration,
    earn_by_registrations,
    give_birthdays,
    record_events,
    reverse_event,
)
from points.ledger.errors import AlreadyReversed
from points.programmes.queries import default_programme
from points.purchases.rows import judgements
from shared.contracts.budgets import BudgetAlert
from shared.ids import new_id
from shared.instants import read_instant
from shared.testing import roles
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from shared.testing.roles import OPERATOR
from tests.budget_factories import make_budget, used
from tests.event_factories import NOBODY, let_earn, on, registering, tell, told
from tests.factories import AT, make_programme, prove, take_back
from tests.judging_factories import BASE, activate, buy_lines
from tests.rules.earning.factories import DOUBLE, fixed, rule, rule_set
from tests.segment_factories import TYPES, know, name_attributes

pytestmark = pytest.mark.django_db
MEMBER = roles.MEMBER.id
BONUS = rule("bonus", fixed(10))
MERCHANT, OTHER_MERCHANT = UUID(int=77), UUID(int=78)


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    return member.id


def buy(who: UUID, cents: int = 1_000, *, at: datetime = AT, **more: Any) -> Any:
    """Buy something without lines."""
    return buy_lines(who, {}, amount=cents, at=at, **more)


def points(*bought: Any) -> list[int]:
    return [one.points for one in bought]


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


def test_a_purchase_that_was_recorded_before_uses_nothing_more(me: UUID) -> None:
    activate(rule_set(BASE))
    budget = make_budget(25)

    bought = [buy(me, reference="till-1", merchant_id=MERCHANT) for _ in range(3)]

    assert (points(*bought), used(budget)) == ([10, 10, 10], {("ever", ""): 10})


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


def test_events_use_the_same_budget_and_give_it_back(me: UUID) -> None:
    let_earn(BASE, on("review", 10))
    budget = make_budget(25, alert_percent=100)

    first, bought, last = tell(me), buy(me), tell(me)

    assert (first.points, bought.points, last.points) == (10, 10, 5)
    assert [one.used for one in published(BudgetAlert)] == [25]
    reverse_event(last.id, reason="told by mistake", actor_id=OPERATOR.id, at=AT)
    assert used(budget) == {("ever", ""): 20}
    assert (tell(me).points, tell(me).points) == (5, 0)
    prove()


def test_an_event_that_was_reversed_gives_nothing_back_again(me: UUID) -> None:
    let_earn(on("review", 10))
    budget, event = make_budget(25), tell(me)
    reverse_event(event.id, reason="told by mistake", actor_id=OPERATOR.id, at=AT)

    with pytest.raises(AlreadyReversed), transaction.atomic():
        reverse_event(event.id, reason="told by mistake", actor_id=OPERATOR.id, at=AT)

    assert used(budget) == {("ever", ""): 0}


def test_events_of_a_list_use_a_budget_one_after_the_other(me: UUID) -> None:
    let_earn(on("review", 10))
    budget = make_budget(25)

    outcomes = record_events([told(me) for _ in range(4)], teller=NOBODY, at=AT)

    assert [one.event.points for one in outcomes] == [10, 10, 5, 0]
    assert used(budget) == {("ever", ""): 25}


def test_registrations_of_a_list_use_a_budget_one_after_the_other(me: UUID, other_member: Any) -> None:
    let_earn(registering(10), at=AT - timedelta(days=9))
    budget = make_budget(25)
    who = [new_id() for _ in range(4)]

    earn_by_registrations([Registration(member_id=one, registered_at=AT) for one in who], at=AT)

    assert sorted(Event.objects.values_list("points", flat=True)) == [0, 5, 10, 10]
    assert used(budget) == {("ever", ""): 25}
    prove()


def test_a_budget_of_a_rule_that_is_not_looked_at_is_left_alone(me: UUID) -> None:
    let_earn(BASE, on("review", 10))
    budget = make_budget(25, rule_id="review", each="member")

    buy(me)

    assert used(budget) == {}


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


@pytest.mark.parametrize("more", [{}, {"rule_id": "cake"}, {"per": "day"}, {"of": "uses"}])
def test_birthdays_of_a_day_use_a_budget_one_after_the_other(me: UUID, more: dict[str, Any]) -> None:
    name_attributes()
    activate(rule_set(rule("cake", fixed(10), trigger="birthday")), schema=Schema(attributes=TYPES))
    budget = make_budget(2 if more.get("of") else 25, **more)
    for _ in range(4):
        know(new_id(), birthday="1984-03-01")

    give_birthdays(at=AT)

    given = [0, 0, 10, 10] if more.get("of") else [0, 5, 10, 10]
    assert sorted(Event.objects.values_list("points", flat=True)) == given
    assert sum(used(budget).values()) == budget.most
    prove()
