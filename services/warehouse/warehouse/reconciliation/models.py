"""What the services count, and how it compares with our facts."""

from django.db import models


class LedgerDay(models.Model):
    """The latest totals that a service said of one UTC day; `totals` as in the message."""

    pk = models.CompositePrimaryKey("service", "day")
    service = models.TextField()
    day = models.DateField()
    as_of = models.DateTimeField()
    totals_id = models.UUIDField()
    totals = models.JSONField()

    class Meta:
        db_table = "ledger_day"


class Comparison(models.Model):
    """One kind of movement on one day: our facts beside the service's own count. `theirs_*` is null until it said one.

    `status_since` is when the present status began.
    """

    pk = models.CompositePrimaryKey("day", "ledger", "unit", "kind")
    day = models.DateField()
    ledger = models.TextField()
    unit = models.TextField()
    kind = models.TextField()
    ours_count = models.BigIntegerField()
    ours_total = models.BigIntegerField()
    theirs_count = models.BigIntegerField(null=True)
    theirs_total = models.BigIntegerField(null=True)
    status = models.TextField()
    status_since = models.DateTimeField()
    totals_as_of = models.DateTimeField(null=True)
    compared_at = models.DateTimeField()

    class Meta:
        db_table = "comparison"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["matched", "waiting", "different"]), name="comparison_status"
            ),
        ]
        indexes = [
            models.Index(fields=["day"], condition=~models.Q(status="matched"), name="comparison_open"),
        ]
