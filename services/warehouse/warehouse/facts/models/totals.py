"""Totals of facts, which their triggers keep."""

from django.db import models


class MovementTotal(models.Model):
    """How many facts there are of a ledger (points, payments or wallets) and their sum, in a quarter of an hour.

    Triggers of the facts keep it, whoever writes them (movement_totals.sql, rule_totals.sql). `unit` is the currency
    and `about` the merchant or programme. Each payment counts twice: for its merchant, and for all of them, as `about`
    0. Wallets have `about` 0 alone. What a rule gave counts for the rule (`rules`), for the merchant, where one is
    known (`merchant_rules`, of which the rule is the unit), and for the programme (`programme_rules`): beside
    `entry_rules`, which are how many rules the entries of points name, and the points of these entries.
    Changes of tiers (`tiers`, of which `before>after>version` is the unit) count by whole months, too (`tier_months`),
    and by when points noted them (`tier_changes`, whose sum is that of their digests; tier_changes.sql).
    Each total is the sum of its parts: writers at once add to different ones.
    """

    pk = models.CompositePrimaryKey("ledger", "about", "slot", "unit", "kind", "part")
    ledger = models.TextField()
    slot = models.DateTimeField()
    unit = models.TextField()
    about = models.BigIntegerField()
    kind = models.TextField()
    part = models.SmallIntegerField()
    count = models.BigIntegerField()
    amount = models.BigIntegerField()

    class Meta:
        db_table = "movement_total"


class BudgetTotal(models.Model):
    """What was used of a budget's period and given back, in a quarter of an hour, and how many facts these are;
    triggers of the facts keep it (budget_totals.sql). Each total is the sum of its parts."""

    pk = models.CompositePrimaryKey("budget_key", "period", "slot", "part")
    budget_key = models.BigIntegerField()
    period = models.TextField()
    slot = models.DateTimeField()
    part = models.SmallIntegerField()
    used = models.BigIntegerField()
    returned = models.BigIntegerField()
    count = models.BigIntegerField(db_default=0)

    class Meta:
        db_table = "budget_total"
        indexes = [models.Index(fields=["budget_key", "slot", "period"], name="budget_total_at")]
