"""From budgets to the messages that publish them."""

from collections.abc import Mapping
from datetime import datetime

from points.budgets.models import Budget
from points.budgets.rows import Reached
from points.budgets.rules import used_of
from points.earning.rules import Place
from shared.contracts import budgets as contracts
from shared.ids import new_id

# A list of purchases may use the budgets of as many members as it has.
_MOST_IN_ONE = 500


def budget_changed(row: Budget, *, at: datetime) -> contracts.BudgetChanged:
    """Return the message that a budget was made, changed or ended."""
    return contracts.BudgetChanged(
        programme_id=row.programme_id,
        budget_id=row.id,
        code=row.code,
        name=row.name,
        rule_id=row.rule_id,
        campaign_id=row.campaign_id,
        of=row.of,
        most=row.most,
        per=row.per,
        each=row.each,
        beyond=row.beyond,
        value_points=row.value_points,
        value_amount=row.value_amount,
        changed_at=at,
        ended_at=row.ended_at,
    )


def budget_used(changes: Mapping[Place, int], *, at: datetime) -> list[contracts.BudgetUsed]:
    """Return the messages that so much was used of budgets, or given back; one, unless there are very many places."""
    uses = [
        contracts.BudgetUse(budget_id=place.budget_id, period=place.period, each=place.each or None, change=change)
        for place, change in changes.items()
    ]
    pieces = [uses[first : first + _MOST_IN_ONE] for first in range(0, len(uses), _MOST_IN_ONE)]
    return [contracts.BudgetUsed(use_id=new_id(), uses=piece, posted_at=at) for piece in pieces]


def budget_alert(found: Reached, *, at: datetime) -> contracts.BudgetAlert:
    """Return the message that a budget came to its percentage in a period."""
    return contracts.BudgetAlert(
        programme_id=found.programme_id,
        budget_id=found.budget_id,
        code=found.code,
        name=found.name,
        of=found.of,
        most=found.most,
        used=used_of(found.used, found.value_points, found.value_amount),
        alert_percent=found.alert_percent,
        period=found.period,
        each=found.each or None,
        reached_at=at,
    )
