"""What is published of budgets adds up to what is used of them, whatever used it and whatever gave it back."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from points.budgets.operations import change_budget, end_budget
from points.earning.rules import Place
from points.events.operations import record_events, reverse_event
from points.messages.outgoing.budgets import budget_changed, budget_used
from points.purchases.errors import NothingToReturn
from shared.contracts.budgets import BudgetChanged, BudgetUsed
from shared.ids import new_id
from shared.testing import roles
from shared.testing.messages import example, published
from shared.testing.roles import OPERATOR
from tests.budget_factories import all_used, make_budget, published_uses
from tests.event_factories import NOBODY, let_earn, on, tell, told
from tests.factories import AT, make_programme, spend, take_back
from tests.judging_factories import BASE, buy_lines

pytestmark = pytest.mark.django_db
MERCHANT, OTHER_MERCHANT = UUID(int=77), UUID(int=78)


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    return member.id


def buy(who: UUID, cents: int = 1_000, **more: Any) -> Any:
    return buy_lines(who, {}, amount=cents, at=more.pop("at", AT), **more)


def test_all_that_is_used_and_comes_back_is_published(me: UUID, other_member: Any) -> None:
    let_earn(BASE, on("review", 10))
    make_budget(300)
    make_budget(5, code="uses", of="uses", per="day", each="member")
    make_budget(500, code="shops", of="money", per="month", each="merchant")

    first = buy(me, merchant_id=MERCHANT)
    second = buy(other_member.id, merchant_id=OTHER_MERCHANT, at=AT + timedelta(days=40))
    event, _ = tell(me), record_events([told(me) for _ in range(4)], teller=NOBODY, at=AT)
    for _ in range(3):
        buy(me)
    take_back(first, amount=300)
    take_back(first)
    take_back(second, amount=500)
    reverse_event(event.id, reason="told by mistake", actor_id=OPERATOR.id, at=AT)

    assert published_uses() == all_used()
    assert len(all_used()) == 4
    assert any(one.change < 0 for message in published(BudgetUsed) for one in message.uses)


def test_what_a_return_forgives_is_given_back_and_published(member: Any) -> None:
    make_programme(return_policy="floor_zero")
    let_earn(BASE)
    budget, bought = make_budget(300), buy(member.id)
    spend(member.id, 10)

    take_back(bought)

    assert published_uses() == all_used() == {}
    assert [one.change for message in published(BudgetUsed) for one in message.uses] == [10, -10]
    assert {message.uses[0].budget_id for message in published(BudgetUsed)} == {budget.id}


def test_a_list_says_once_what_it_used_of_a_period(me: UUID) -> None:
    let_earn(on("review", 10))
    budget = make_budget(25)

    record_events([told(me) for _ in range(4)], teller=NOBODY, at=AT)

    (message,) = published(BudgetUsed)
    assert [(one.budget_id, one.period, one.each, one.change) for one in message.uses] == [
        (budget.id, "ever", None, 25)
    ]
    assert message.posted_at == AT


def test_what_changes_nothing_publishes_nothing(me: UUID) -> None:
    let_earn(BASE)
    make_budget(5)
    bought = buy(me)
    take_back(bought)
    make_budget(1, code="none", rule_id="base", beyond="refuse")
    before = published(BudgetUsed)

    buy(me)
    with pytest.raises(NothingToReturn), transaction.atomic():
        take_back(bought)
    take_back(buy(me), preview=True)

    assert published(BudgetUsed) == before


def test_a_budget_is_told_when_it_is_made_changed_and_ended(me: UUID) -> None:
    budget = make_budget(25, code="spring")
    later = AT + timedelta(days=1)
    change = {"name": "More", "alert_percent": 90, "actor_id": OPERATOR.id, "at": later}
    change_budget(budget.programme_id, "spring", most=30, **change)
    end_budget(budget.programme_id, "spring", actor_id=OPERATOR.id, at=later)

    found = published(BudgetChanged)
    assert [(one.name, one.most, one.changed_at, one.ended_at) for one in found] == [
        ("spring", 25, AT, None), ("More", 30, later, None), ("More", 30, later, later),
    ]  # fmt: skip
    assert {(one.budget_id, one.programme_id, one.of, one.per) for one in found} == {
        (budget.id, budget.programme_id, "points", "ever")
    }


def test_a_budget_is_published_as_agreed() -> None:
    agreed = BudgetChanged.read(example(BudgetChanged))
    make_programme(value_points=3, value_amount=1)
    made = make_budget(100_000, of="money", code="spring", name="Double points in spring", per="month")
    made.id, made.programme_id, made.rule_id = agreed.budget_id, agreed.programme_id, agreed.rule_id

    assert budget_changed(made, at=agreed.changed_at).payload() == example(BudgetChanged)


def test_uses_are_published_as_agreed() -> None:
    agreed = BudgetUsed.read(example(BudgetUsed))
    changes = {Place(one.budget_id, one.period, one.each or ""): one.change for one in agreed.uses}
    (made,) = budget_used(changes, at=agreed.posted_at)

    assert made.payload() | {"use_id": str(agreed.use_id)} == example(BudgetUsed)


def test_very_many_uses_are_several_messages() -> None:
    changes = {Place(new_id(), "ever", str(roles.MEMBER.id)): 1 for _ in range(1_001)}

    messages = budget_used(changes, at=AT)

    assert [len(one.uses) for one in messages] == [500, 500, 1]
    assert len({one.use_id for one in messages}) == 3
    assert [one.budget_id for message in messages for one in message.uses] == [place.budget_id for place in changes]
