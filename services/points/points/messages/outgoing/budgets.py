"""From budgets to the messages that publish them."""

from datetime import datetime

from points.budgets.rows import Reached
from points.budgets.rules import used_of
from shared.contracts import budgets as contracts


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
