"""The tables of budgets, and of what was used of them by period."""

from django.db import models
from django.db.models import F, Q

from points.budgets.rules import BEYOND, EACH, OF, OF_CAMPAIGNS, PER
from points.programmes.models import Programme
from shared.ids import new_id

_OF_MONEY = [f"value_{name}__isnull" for name in ("points", "amount")]


class Budget(models.Model):
    """So many points, money's worth or uses that rules may give in a period: one rule, or all where `rule_id` is null.
    With a `campaign_id`, so much money or so many uses of the campaign's vouchers.

    `units` is what is counted: `most` itself, or of rules' money as many points as are worth `most` by the value that a
    point had when the budget was said. One that has ended counts nothing; its code is free.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    code = models.CharField(max_length=64)
    name = models.CharField(max_length=100)
    rule_id = models.CharField(max_length=64, null=True)  # noqa: DJ001 - none, of a budget on all rules
    campaign_id = models.UUIDField(null=True)
    of = models.CharField(max_length=6)
    most = models.BigIntegerField()
    units = models.BigIntegerField()
    value_points = models.IntegerField(null=True)
    value_amount = models.IntegerField(null=True)
    per = models.CharField(max_length=5)
    each = models.CharField(max_length=8, null=True)  # noqa: DJ001 - none, of a budget for all together
    beyond = models.CharField(max_length=6)
    alert_percent = models.SmallIntegerField()
    created_at = models.DateTimeField()
    created_by = models.UUIDField()
    changed_at = models.DateTimeField()
    changed_by = models.UUIDField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)

    class Meta:
        db_table = "budget"
        constraints = [
            models.UniqueConstraint(fields=["programme", "code"], condition=Q(ended_at=None), name="budget_code"),
            models.CheckConstraint(
                condition=Q(of__in=OF, per__in=PER, beyond__in=BEYOND) & (Q(each=None) | Q(each__in=EACH)),
                name="budget_is_one",
            ),
            models.CheckConstraint(
                condition=Q(most__gt=0, units__gt=0, alert_percent__gte=1, alert_percent__lte=100), name="budget_most"
            ),
            models.CheckConstraint(
                condition=Q(of="money", campaign_id=None, **dict.fromkeys(_OF_MONEY, False))
                | (
                    (~Q(of="money") | Q(campaign_id__isnull=False))
                    & Q(units=F("most"), **dict.fromkeys(_OF_MONEY, True))
                ),
                name="budget_units",
            ),
            models.CheckConstraint(
                condition=Q(campaign_id=None) | Q(rule_id=None, of__in=OF_CAMPAIGNS, beyond="refuse"),
                name="budget_of_campaign",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="budget_ended",
            ),
        ]


class BudgetPeriod(models.Model):
    """What was used of a budget in a period, in its units; of a merchant or a member where each has their own.

    `alerted_at` is when it came to the budget's percentage, and was told, for the first time.
    """

    pk = models.CompositePrimaryKey("budget", "period", "each")
    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, db_index=False)
    period = models.CharField(max_length=10)
    each = models.CharField(max_length=36)
    used = models.BigIntegerField()
    alerted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "budget_period"
        constraints = [models.CheckConstraint(condition=Q(used__gte=0), name="budget_period_used")]
