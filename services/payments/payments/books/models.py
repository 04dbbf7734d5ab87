"""What each day came to, and what was published of it."""

from django.db import models


class DayTotalsPublished(models.Model):
    """The totals of a UTC day as they were last published, so that they are published again only when they differ."""

    day = models.DateField(primary_key=True)
    totals = models.JSONField()
    published_at = models.DateTimeField()

    class Meta:
        db_table = "day_totals_published"


class DayTotal(models.Model):
    """What was posted on a UTC day, of the transactions up to the reach; see `day_totals`."""

    pk = models.CompositePrimaryKey("day", "ledger", "unit", "kind")
    day = models.DateField()
    ledger = models.CharField(max_length=16)
    unit = models.CharField(max_length=3)
    kind = models.CharField(max_length=16)
    count = models.BigIntegerField()
    total = models.BigIntegerField()

    class Meta:
        db_table = "day_total"


class DayTotalReach(models.Model):
    """How far the days are added up, in the order of `(xid, id)`: one row."""

    id_of_one = models.SmallIntegerField(primary_key=True)
    last_xid = models.BigIntegerField()
    last_id = models.UUIDField()

    class Meta:
        db_table = "day_total_reach"
