"""What is answered about budgets."""

from typing import Any

from rest_framework import serializers

from points.budgets.models import Budget, BudgetPeriod
from points.budgets.rules import BEYOND, EACH, OF, PER, used_of
from shared.http.times import Instant


class BudgetAnswer(serializers.Serializer[Any]):
    """A budget. `most` is in points, in minor units of the programme's currency, or in uses. Money counts as the
    `points` that were worth it when the budget was said; on a campaign it is what its vouchers take off, in minor units
    of the campaign's currency."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    rule_id = serializers.CharField(allow_null=True)
    campaign_id = serializers.UUIDField(allow_null=True)
    of = serializers.ChoiceField(choices=OF)
    most = serializers.IntegerField()
    points = serializers.IntegerField(allow_null=True)
    per = serializers.ChoiceField(choices=PER)
    each = serializers.ChoiceField(choices=EACH, allow_null=True)
    beyond = serializers.ChoiceField(choices=BEYOND)
    alert_percent = serializers.IntegerField()
    created_at = Instant()
    created_by = serializers.UUIDField()
    changed_at = Instant()
    changed_by = serializers.UUIDField()

    class Meta:
        ref_name = "Budget"


class BudgetPeriodAnswer(serializers.Serializer[Any]):
    """What was used of a budget in a period, in what it is of, and what is left; `each` is the merchant or the member
    whose it is, where each has their own. `alerted_at` is when it came to the budget's percentage."""

    period = serializers.CharField()
    each = serializers.UUIDField(allow_null=True)
    used = serializers.IntegerField()
    left = serializers.IntegerField()
    points = serializers.IntegerField(allow_null=True)
    alerted_at = Instant(allow_null=True)

    class Meta:
        ref_name = "BudgetPeriod"


_NAMES = (
    "id", "code", "name", "rule_id", "campaign_id", "of", "most", "per", "each", "beyond", "alert_percent",
    "created_at", "created_by", "changed_at", "changed_by",
)  # fmt: skip


def _is_of_points(row: Budget) -> bool:
    return row.of != "uses" and row.campaign_id is None


def budget_json(row: Budget) -> dict[str, Any]:
    """Return a budget as it is answered."""
    return {name: getattr(row, name) for name in _NAMES} | {"points": row.units if _is_of_points(row) else None}


def period_json(row: BudgetPeriod, budget: Budget) -> dict[str, Any]:
    """Return what was used of a budget in a period as it is answered."""
    used = used_of(row.used, budget.value_points, budget.value_amount)
    return {
        "period": row.period,
        "each": row.each or None,
        "used": used,
        "left": max(0, budget.most - used),
        "points": row.used if _is_of_points(budget) else None,
        "alerted_at": row.alerted_at,
    }
