"""The table of backtests and how far they are."""

from django.db import models
from django.db.models import F, Q

from points.earning.models import RuleSet
from points.programmes.models import Programme
from shared.ids import new_id


class Backtest(models.Model):
    """A version of rules tried on the purchases and events of a programme from `starts_at` until `ends_at`, and how far
    that is.

    `document`, `schema` and `terms` are the rules and what the programme said when it was asked for: a draft that
    changes meanwhile changes nothing. Purchases, events and what was taken back of them are those that the snapshot
    `reach` of its first chunk saw: `total` purchases and events. `chunk` is the one to be done next, of members behind
    the one that it has `reached`. `sums` is what came out so far.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    rule_set = models.ForeignKey(RuleSet, on_delete=models.PROTECT, db_index=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    document = models.JSONField()
    schema = models.JSONField()
    terms = models.JSONField()
    reach = models.TextField(default="")
    total = models.BigIntegerField(null=True)
    done = models.BigIntegerField(default=0)
    chunk = models.BigIntegerField(default=0)
    reached = models.UUIDField(null=True)
    sums = models.JSONField()
    state = models.CharField(max_length=10, default="queued")
    error = models.CharField(max_length=200, default="")
    requested_by = models.UUIDField()
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "backtest"
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="backtest_span"),
            models.CheckConstraint(condition=Q(done__gte=0, chunk__gte=0), name="backtest_counts"),
            # All that the snapshot saw, and nothing else.
            models.CheckConstraint(
                condition=Q(total=None, reach="", done=0) | Q(total__gte=F("done")) & ~Q(reach=""),
                name="backtest_reach",
            ),
            models.CheckConstraint(
                condition=Q(state="queued", started_at=None, finished_at=None, done=0)
                | Q(state="running", started_at__isnull=False, finished_at=None)
                | Q(state="done", started_at__isnull=False, finished_at__isnull=False, done=F("total"))
                | Q(state="cancelled", finished_at__isnull=False)
                | Q(state="failed", started_at__isnull=False, finished_at__isnull=False) & ~Q(error=""),
                name="backtest_state",
            ),
        ]
        indexes = [
            models.Index(fields=["rule_set", "created_at", "id"], name="backtest_of_rules"),
            # How many of a programme go on is asked before each new one.
            models.Index(fields=["programme"], condition=Q(finished_at=None), name="backtest_open"),
        ]
