"""Points that were set aside, and points that wait."""

from django.db import models
from django.db.models import F, Q

from points.ledger.models.accounts import Account
from points.ledger.models.transactions import Transaction


class Hold(models.Model):
    """Points set aside until `expires_at`; it has the id of the transaction that took them from their lots.

    It moves once, from held to captured, voided or expired (a trigger refuses any other change but a later end):
    `captured` points were spent by the transaction `capture`, and what was not came back by `release`.
    """

    id = models.UUIDField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_index=False)
    points = models.BigIntegerField()
    state = models.CharField(max_length=8)
    captured = models.BigIntegerField()
    reference = models.CharField(max_length=100)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    capture = models.OneToOneField(Transaction, on_delete=models.PROTECT, null=True, related_name="captured_hold")
    release = models.OneToOneField(Transaction, on_delete=models.PROTECT, null=True, related_name="released_hold")

    class Meta:
        db_table = "hold"
        constraints = [
            models.CheckConstraint(condition=Q(points__gt=0, expires_at__gt=F("created_at")), name="hold_made"),
            models.CheckConstraint(
                condition=Q(
                    state="held", captured=0, closed_at__isnull=True, capture__isnull=True, release__isnull=True
                )
                | Q(state="captured", captured=F("points"), capture__isnull=False, release__isnull=True)
                & Q(closed_at__isnull=False)
                | Q(state="captured", captured__gt=0, captured__lt=F("points"), capture__isnull=False)
                & Q(closed_at__isnull=False, release__isnull=False)
                | Q(state__in=["voided", "expired"], captured=0, capture__isnull=True, release__isnull=False)
                & Q(closed_at__isnull=False),
                name="hold_state",
            ),
        ]
        indexes = [
            # Of a condition that only what looks for all that is over names: no account's are looked for by it.
            models.Index(fields=["expires_at"], condition=Q(state="held", captured=0), name="hold_over"),
            models.Index(fields=["account", "expires_at"], name="hold_by_account"),
        ]


class PendingPoints(models.Model):
    """Points that were earned and cannot be spent yet; they have the id of the transaction that earned them.

    At `due_at` they are activated, or cancelled where they wait for `on_event`. They close once, as activated or
    cancelled, by the transaction `closed_by` (a trigger refuses any other change but that less remains).
    """

    id = models.UUIDField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_index=False)
    points = models.BigIntegerField()
    remaining = models.BigIntegerField()
    activated = models.BigIntegerField()
    state = models.CharField(max_length=9)
    on_event = models.CharField(max_length=100)
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    reference = models.CharField(max_length=100)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Transaction, on_delete=models.PROTECT, null=True, db_index=False)

    class Meta:
        db_table = "pending_points"
        constraints = [
            models.CheckConstraint(
                condition=Q(points__gt=0, due_at__gt=F("created_at"))
                & (Q(expires_at__isnull=True) | Q(expires_at__gt=F("due_at"))),
                name="pending_made",
            ),
            models.CheckConstraint(
                condition=Q(state="pending", remaining__gt=0, remaining__lte=F("points"), activated=0)
                & Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(state="activated", remaining=0, activated__gt=0, activated__lte=F("points"))
                & Q(closed_at__isnull=False, closed_by__isnull=False)
                | Q(state="cancelled", remaining=0, activated=0, closed_at__isnull=False, closed_by__isnull=False),
                name="pending_state",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="pending", activated=0), name="pending_over"),  # as above
            models.Index(fields=["account", "due_at"], condition=Q(state="pending"), name="pending_of_account"),
            models.Index(fields=["account", "id"], name="pending_in_order"),
            models.Index(fields=["closed_by"], condition=Q(closed_by__isnull=False), name="pending_closed_by"),
        ]
