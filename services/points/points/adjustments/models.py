"""The tables of adjustments: what was asked for and what was decided, both append-only, and how each stands."""

from django.db import models
from django.db.models import F, Q

from points.ledger.models import Transaction
from points.programmes.models import Programme


class AdjustmentRequest(models.Model):
    """An adjustment, or an earning that a person gives, above its programme's limit, which waits for a second person;
    append-only.

    `occurred_at`, `expires_at` and `activates` are what an earning says of them.
    """

    id = models.UUIDField(primary_key=True)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    member_id = models.UUIDField()
    points = models.BigIntegerField()
    reference = models.CharField(max_length=100)
    reason = models.CharField(max_length=200)
    requested_by = models.UUIDField()
    requested_at = models.DateTimeField()
    kind = models.CharField(max_length=8, db_default="adjusted")
    occurred_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    activates = models.JSONField(null=True)

    class Meta:
        db_table = "adjustment_request"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="adjusted", occurred_at=None, expires_at=None, activates__isnull=True)
                | Q(kind="earned", points__gt=0),
                name="adjustment_request_kind",
            ),
            models.CheckConstraint(condition=~Q(points=0), name="adjustment_request_points"),
            # For the decision, which repeats who asked, so that one row shows two persons.
            models.UniqueConstraint(fields=["id", "requested_by"], name="adjustment_request_by"),
        ]
        indexes = [models.Index(fields=["-requested_at", "-id"], name="adjustment_request_newest")]


class AdjustmentDecision(models.Model):
    """What a second person decided about an adjustment, once; append-only."""

    request = models.OneToOneField(AdjustmentRequest, on_delete=models.PROTECT, primary_key=True)
    requested_by = models.UUIDField()
    state = models.CharField(max_length=8)
    reason = models.CharField(max_length=200)
    transaction = models.OneToOneField(Transaction, on_delete=models.PROTECT, null=True)
    decided_by = models.UUIDField()
    decided_at = models.DateTimeField()

    class Meta:
        db_table = "adjustment_decision"
        constraints = [
            models.CheckConstraint(condition=~Q(decided_by=F("requested_by")), name="adjustment_by_two_persons"),
            models.CheckConstraint(
                condition=Q(state="approved", transaction__isnull=False)
                | Q(state="rejected", transaction__isnull=True),
                name="adjustment_decision_state",
            ),
        ]


class AdjustmentState(models.Model):
    """How an adjustment stands, so that those of one state are found; triggers of the two tables above write it."""

    request = models.OneToOneField(AdjustmentRequest, on_delete=models.PROTECT, primary_key=True)
    state = models.CharField(max_length=8)
    requested_at = models.DateTimeField()

    class Meta:
        db_table = "adjustment_state"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["pending", "approved", "rejected"]), name="adjustment_state_is_one"
            )
        ]
        indexes = [models.Index(fields=["state", "requested_at", "request"], name="adjustment_in_state")]
