"""Where the installation's time is, and what of the present move is still to be answered."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q


class TestClock(models.Model):
    """One row: how far the installation's time is ahead of the machine's, or where it stands while it is moved.

    `number` is the last question that was heard, `answered` the last one that was answered. The offset only grows, and
    so does `ahead`: no instant that was ever told lay further ahead of the machine's (`clock.ahead`).
    """

    __test__ = False  # its name looks like a test class to pytest

    id_of_one = models.SmallIntegerField(primary_key=True, default=1)
    offset = models.DurationField(default=timedelta)
    ahead = models.DurationField(default=timedelta)
    stands_at = models.DateTimeField(null=True)
    target = models.DateTimeField(null=True)
    move_id = models.UUIDField(null=True)
    begun_at = models.DateTimeField(null=True)
    number = models.BigIntegerField(default=0)
    answered = models.BigIntegerField(default=0)

    class Meta:
        db_table = "test_clock"
        constraints = [
            models.CheckConstraint(condition=Q(id_of_one=1), name="test_clock_one"),
            models.CheckConstraint(
                condition=Q(offset__gte=timedelta(), ahead__gte=F("offset")), name="test_clock_forward"
            ),
            models.CheckConstraint(condition=Q(answered__lte=F("number")), name="test_clock_answered"),
            models.CheckConstraint(
                condition=Q(stands_at=None) | Q(move_id__isnull=False, target__isnull=False, begun_at__isnull=False),
                name="test_clock_move",
            ),
        ]
