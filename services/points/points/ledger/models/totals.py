"""What is summed up beside the rows that it follows from."""

from django.db import models
from django.db.models import Q


class DayTotalsPublished(models.Model):
    """What was last published of a day's totals, so that only a change is published again."""

    day = models.DateField(primary_key=True)
    totals = models.JSONField()
    published_at = models.DateTimeField()

    class Meta:
        db_table = "day_totals_published"


class DayTotal(models.Model):
    """What was posted on a UTC day, of the transactions up to the reach; see `day_totals`."""

    pk = models.CompositePrimaryKey("day", "programme_id", "kind")
    day = models.DateField()
    programme_id = models.UUIDField()
    kind = models.CharField(max_length=16)
    count = models.BigIntegerField()
    total = models.BigIntegerField()

    class Meta:
        db_table = "day_total"


class DayPart(models.Model):
    """A part of what other modules keep of a UTC day, by ledger, unit and kind; see `day_parts`."""

    id = models.BigAutoField(primary_key=True)
    day = models.DateField()
    ledger = models.CharField(max_length=16)
    unit = models.CharField(max_length=36)
    kind = models.CharField(max_length=16)
    count = models.BigIntegerField()
    total = models.BigIntegerField()

    class Meta:
        db_table = "day_part"
        indexes = [models.Index(fields=["day"], name="day_part_day")]


class DayTotalReach(models.Model):
    """How far the days are added up, in the order of `(xid, id)`: one row."""

    id_of_one = models.SmallIntegerField(primary_key=True)
    last_xid = models.BigIntegerField()
    last_id = models.UUIDField()

    class Meta:
        db_table = "day_total_reach"


class LotEnd(models.Model):
    """What of an open lot is counted in `LotEndTotal`, as of the reach: its points, and in which quarter it ends."""

    # No foreign key: it would lock the lot's row, which postings wait for.
    lot_id = models.UUIDField(primary_key=True)
    programme_id = models.UUIDField()
    slot = models.DateTimeField(null=True)
    day = models.DateField(null=True)
    points = models.BigIntegerField()

    class Meta:
        db_table = "lot_end"
        constraints = [models.CheckConstraint(condition=Q(points__gt=0), name="lot_end_points")]


class LotEndTotal(models.Model):
    """What ends in a quarter of an hour, by its end, of one programme and with one last day; see `lot_ends`.

    In no quarter: what never ends. `day` is null where a lot's last day was not reckoned.
    """

    programme_id = models.UUIDField()
    slot = models.DateTimeField(null=True)
    day = models.DateField(null=True)
    points = models.BigIntegerField()
    lots = models.BigIntegerField()

    class Meta:
        db_table = "lot_end_total"
        constraints = [
            models.UniqueConstraint(
                fields=["programme_id", "slot", "day"], nulls_distinct=False, name="lot_end_total_once"
            )
        ]


class LotEndReach(models.Model):
    """How far the ends of lots are counted, in the order of `(xid, id)`: one row."""

    id_of_one = models.SmallIntegerField(primary_key=True)
    last_xid = models.BigIntegerField()
    last_id = models.UUIDField()

    class Meta:
        db_table = "lot_end_reach"
