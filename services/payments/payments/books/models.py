"""What was told of each day."""

from django.db import models


class DayTotalsTold(models.Model):
    """The totals of a UTC day as they were last told, so that they are told again only when they differ."""

    day = models.DateField(primary_key=True)
    totals = models.JSONField()
    told_at = models.DateTimeField()

    class Meta:
        db_table = "day_totals_told"
