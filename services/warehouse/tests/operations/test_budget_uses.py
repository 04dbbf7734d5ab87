"""What was used of budgets is what points says, in whatever order and however often it is said."""

from datetime import timedelta
from random import Random
from uuid import UUID

import pytest

from shared.db import execute, rows
from shared.ids import new_id
from shared.testing.messages import deliver, envelope_of
from tests import factories as a
from warehouse.facts.models import DimBudget, FactBudgetUse
from warehouse.facts.operations import rebuild_facts

pytestmark = pytest.mark.django_db
OF_FACTS = """
SELECT budget_key, period, coalesce(sum(change) FILTER (WHERE change > 0), 0)::bigint,
       coalesce(-sum(change) FILTER (WHERE change < 0), 0)::bigint, count(*)
FROM fact_budget_use GROUP BY 1, 2 ORDER BY 1, 2
"""
OF_TOTALS = """
SELECT budget_key, period, sum(used)::bigint, sum(returned)::bigint, sum(count)::bigint FROM budget_total
GROUP BY 1, 2 HAVING sum(used) <> 0 OR sum(returned) <> 0 ORDER BY 1, 2
"""
OTHER_BUDGET = UUID("00000000-0000-7000-8000-0000000000d2")


def used() -> dict[tuple[UUID, str, str], int]:
    found = rows(
        "SELECT budget_id, period, fact.each, sum(change)::bigint FROM fact_budget_use AS fact"
        " JOIN dim_budget USING (budget_key) GROUP BY 1, 2, 3"
    )
    return {(budget, period, each): change for budget, period, each, change in found}


def test_what_is_used_and_given_back_are_facts_of_the_budgets_periods() -> None:
    deliver(
        a.budget_used(a.use(120), a.use(1, budget_id=OTHER_BUDGET, period="ever", each=a.MEMBER)),
        a.budget_used(a.use(-20), at=a.NOON + timedelta(days=40)),
    )

    assert used() == {(a.BUDGET, "2026-11", ""): 100, (OTHER_BUDGET, "ever", str(a.MEMBER)): 1}
    assert rows(OF_TOTALS) == rows(OF_FACTS)


@pytest.mark.parametrize("seed", range(6))
def test_no_order_and_no_repetition_changes_what_was_used(seed: int) -> None:
    random = Random(seed)
    messages = [
        a.budget_used(
            a.use(random.randint(-9, 30) or 1, period=f"2026-{random.randint(10, 12)}"),
            a.use(1, budget_id=OTHER_BUDGET, each=random.choice([a.MEMBER, a.MERCHANT])),
            at=a.NOON + timedelta(days=number),
        )
        for number in range(12)
    ]
    wanted: dict[tuple[UUID, str, str], int] = {}
    for message in messages:
        for one in message.uses:
            place = (one.budget_id, one.period, one.each or "")
            wanted[place] = wanted.get(place, 0) + one.change
    said = [envelope_of(one) for one in messages]
    # The same message again, and the same uses in another message.
    said += random.sample(said, 4) + [envelope_of(one) for one in random.sample(messages, 4)]
    random.shuffle(said)

    for first in range(0, len(said), 3):
        deliver(*said[first : first + 3])

    assert used() == wanted
    assert rows(OF_TOTALS) == rows(OF_FACTS)


@pytest.mark.parametrize("is_first", [True, False])
def test_a_budget_may_be_told_after_what_was_used_of_it(is_first: bool) -> None:
    said = [a.budget_used(a.use(7)), a.budget_changed()]

    for message in said if is_first else said[::-1]:
        deliver(message)

    budget, fact = DimBudget.objects.get(), FactBudgetUse.objects.get()
    assert (budget.code, budget.most, budget.per, budget.each, budget.is_inferred) == (
        "spring", 1_000, "month", None, False,
    )  # fmt: skip
    assert fact.budget_key == budget.budget_key


def test_the_latest_word_on_a_budget_counts_whenever_it_comes() -> None:
    later = a.NOON + timedelta(hours=1)
    deliver(a.budget_changed(most=7, changed_at=later, ended_at=later))
    deliver(a.budget_changed())

    assert DimBudget.objects.values_list("most", "ended_at").get() == (7, later)


@pytest.mark.parametrize("is_first", [True, False])
def test_of_what_is_said_in_one_instant_the_later_message_counts(is_first: bool) -> None:
    said = [envelope_of(a.budget_changed(most=most), message_id=new_id()) for most in (5, 7)]

    for envelope in said if is_first else said[::-1]:
        deliver(envelope)

    assert DimBudget.objects.get().most == 7


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE fact_budget_use SET change = -change",
        "UPDATE fact_budget_use SET posted_at = posted_at + interval '40 days', period = 'ever' WHERE period <> 'ever'",
        "DELETE FROM fact_budget_use WHERE change < 0",
        "DELETE FROM fact_budget_use",
    ],
)
def test_totals_are_those_of_the_facts_whoever_writes_them(change: str) -> None:
    deliver(a.budget_used(a.use(120), a.use(3, period="ever")), a.budget_used(a.use(-20)))
    execute(change)

    assert rows(OF_TOTALS) == rows(OF_FACTS)


def test_facts_that_are_made_again_are_the_same() -> None:
    deliver(a.budget_used(a.use(120), a.use(3, period="ever")), a.budget_used(a.use(-20)), a.budget_changed())
    before = used(), rows(OF_TOTALS)
    execute("UPDATE fact_budget_use SET change = change + 1")

    rebuild_facts(since=a.NOON - timedelta(days=9), until=a.NOON + timedelta(days=900))

    assert (used(), rows(OF_TOTALS)) == before
