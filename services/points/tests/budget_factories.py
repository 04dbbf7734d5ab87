"""Makers of budgets for tests."""

from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

from points.budgets import operations
from points.budgets.models import Budget, BudgetPeriod
from points.programmes.queries import default_programme
from shared.contracts.budgets import BudgetUsed
from shared.testing.messages import published
from shared.testing.roles import OPERATOR
from tests.factories import AT
from tests.judging_factories import buy_lines

MERCHANT, OTHER_MERCHANT = UUID(int=77), UUID(int=78)


def make_budget(most: int, code: str = "all", **said: Any) -> Budget:
    """Let the default programme have a budget: of points, for ever, on all rules, unless it is said otherwise."""
    values = {"name": code, "rule_id": None, "of": "points", "per": "ever", "each": None, "beyond": "trim"}
    values |= {"alert_percent": 80, "actor_id": OPERATOR.id, "at": AT} | said
    return operations.create_budget(default_programme().id, code=code, most=most, **values)


def used(budget: Budget) -> dict[tuple[str, str], int]:
    """Return what was used of a budget in its units, by period and by whose it is."""
    return {(one.period, one.each): one.used for one in BudgetPeriod.objects.filter(budget_id=budget.id)}


def published_uses() -> dict[tuple[UUID, str, str], int]:
    """Return what all messages together say was used of budgets, by period and by whose it is; without nothing."""
    found = Counter[tuple[UUID, str, str]]()
    for message in published(BudgetUsed):
        for one in message.uses:
            found[one.budget_id, one.period, one.each or ""] += one.change
    return {place: change for place, change in found.items() if change}


def all_used() -> dict[tuple[UUID, str, str], int]:
    """Return the same of what the rows of all budgets say."""
    return {(one.budget_id, one.period, one.each): one.used for one in BudgetPeriod.objects.exclude(used=0)}


def buy(who: UUID, cents: int = 1_000, *, at: datetime = AT, **more: Any) -> Any:
    """Buy something without lines."""
    return buy_lines(who, {}, amount=cents, at=at, **more)


def points(*bought: Any) -> list[int]:
    """Return what each purchase earned."""
    return [one.points for one in bought]
