"""Makers of budgets for tests."""

from typing import Any

from points.budgets import operations
from points.budgets.models import Budget, BudgetPeriod
from points.programmes.queries import default_programme
from shared.testing.roles import OPERATOR
from tests.factories import AT


def make_budget(most: int, code: str = "all", **said: Any) -> Budget:
    """Let the default programme have a budget: of points, for ever, on all rules, unless it is said otherwise."""
    values = {"name": code, "rule_id": None, "of": "points", "per": "ever", "each": None, "beyond": "trim"}
    values |= {"alert_percent": 80, "actor_id": OPERATOR.id, "at": AT} | said
    return operations.create_budget(default_programme().id, code=code, most=most, **values)


def used(budget: Budget) -> dict[tuple[str, str], int]:
    """Return what was used of a budget in its units, by period and by whose it is."""
    return {(one.period, one.each): one.used for one in BudgetPeriod.objects.filter(budget_id=budget.id)}
