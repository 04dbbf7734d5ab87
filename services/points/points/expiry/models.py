"""The tables of expiry: runs and how far they are, and which members were told of which ends (append-only)."""

from django.db import models
from django.db.models import F, Q

from points.ledger.models import Account
from points.programmes.models import Programme
from shared.ids import new_id


class ExpiryNotice(models.Model):
    """A member was told, so many days before, that points will end."""

    id = models.UUIDField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_index=False)
    expires_at = models.DateTimeField()
    expires_on = models.DateField()
    days = models.SmallIntegerField()
    points = models.BigIntegerField()
    told_at = models.DateTimeField()

    class Meta:
        db_table = "expiry_notice"
        constraints = [
            models.UniqueConstraint(fields=["account", "expires_at", "expires_on", "days"], name="expiry_notice_once"),
            models.CheckConstraint(
                condition=Q(points__gt=0, days__gt=0, told_at__lt=F("expires_at")), name="expiry_notice_in_time"
            ),
        ]


class NoticeRun(models.Model):
    """How far a programme's notices of so many days before are told: for points with a last day up to `until`."""

    pk = models.CompositePrimaryKey("programme_id", "days")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    days = models.SmallIntegerField()
    until = models.DateField()

    class Meta:
        db_table = "notice_run"


class ExpiryRun(models.Model):
    """The request to expire what had ended by `as_of`, and how far it has come; `chunk` is the one to be done next, of
    lots after the one that it has `reached`, in the order of their ends.

    `total` lots were due when it was asked for; it ended `done` of them, with so many `points`. What others end
    meanwhile (the periodic job, another run) is not counted. For all programmes where none is named, and asked for by
    nobody where the periodic job began it.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, null=True, db_index=False)
    as_of = models.DateTimeField()
    total = models.BigIntegerField()
    done = models.BigIntegerField(default=0)
    points = models.BigIntegerField(default=0)
    chunk = models.BigIntegerField(default=0)
    reached_at = models.DateTimeField(null=True)
    reached_lot = models.UUIDField(null=True)
    state = models.CharField(max_length=10, default="queued")
    error = models.CharField(max_length=200, default="")
    requested_by = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "expiry_run"
        constraints = [
            # Each lot that ends has a point at least.
            models.CheckConstraint(
                condition=Q(total__gte=0, done__gte=0, points__gte=F("done"), chunk__gte=0), name="expiry_run_counts"
            ),
            models.CheckConstraint(condition=Q(as_of__lte=F("created_at")), name="expiry_run_of_the_past"),
            models.CheckConstraint(
                condition=Q(state="queued", started_at=None, finished_at=None, done=0)
                | Q(state="running", started_at__isnull=False, finished_at=None)
                | Q(state="done", started_at__isnull=False, finished_at__isnull=False)
                | Q(state="cancelled", finished_at__isnull=False)
                | Q(state="failed", started_at__isnull=False, finished_at__isnull=False) & ~Q(error=""),
                name="expiry_run_state",
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="expiry_run_newest"),
            models.Index(fields=["state", "created_at", "id"], name="expiry_run_in_state"),
        ]
