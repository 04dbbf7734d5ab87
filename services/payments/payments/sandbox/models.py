"""The moves of the test clock, and what each service answered to each question."""

from django.db import models
from django.db.models import Q

from shared.ids import new_id

MOVING, DONE = "moving", "done"


class ClockMove(models.Model):
    """One move of the installation's time; `at` is where it stands and `number` the question that is open.

    Questions are numbered through all moves. One move at most is under way. `begun_at` and `finished_at` are the
    machine's.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    state = models.CharField(max_length=6, default=MOVING)
    since = models.DateTimeField()
    target = models.DateTimeField()
    at = models.DateTimeField()
    number = models.BigIntegerField()
    requested_by = models.UUIDField()
    begun_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "clock_move"
        constraints = [
            models.CheckConstraint(
                condition=Q(state=MOVING, finished_at=None) | Q(state=DONE, finished_at__isnull=False),
                name="clock_move_state",
            ),
            models.CheckConstraint(
                condition=Q(since__lt=models.F("target"), at__lte=models.F("target")), name="clock_move_forward"
            ),
            models.UniqueConstraint(fields=["state"], condition=Q(state=MOVING), name="clock_move_one"),
            models.UniqueConstraint(fields=["number"], name="clock_move_number"),
        ]


class ClockAnswer(models.Model):
    """What a service answered to a question. Written once, never changed."""

    pk = models.CompositePrimaryKey("number", "service")
    number = models.BigIntegerField()
    service = models.CharField(max_length=32)
    move = models.ForeignKey(ClockMove, on_delete=models.CASCADE, related_name="answers")
    at = models.DateTimeField()
    done = models.JSONField()
    next_due_at = models.DateTimeField(null=True)
    published = models.BigIntegerField()
    waiting = models.BigIntegerField()

    class Meta:
        db_table = "clock_answer"
