"""Events, registrations and birthdays use budgets as purchases do."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from points.earning.rules import Schema
from points.events.models import Event
from points.events.operations import Registration, earn_by_registrations, give_birthdays, record_events, reverse_event
from points.ledger.errors import AlreadyReversed
from shared.contracts.budgets import BudgetAlert
from shared.ids import new_id
from shared.testing.messages import published
from shared.testing.roles import OPERATOR
from tests.budget_factories import buy, make_budget, used
from tests.event_factories import NOBODY, let_earn, on, registering, tell, told
from tests.factories import AT, prove
from tests.judging_factories import BASE, activate
from tests.rules.earning.factories import fixed, rule, rule_set
from tests.segment_factories import TYPES, know, name_attributes

pytestmark = pytest.mark.django_db


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
