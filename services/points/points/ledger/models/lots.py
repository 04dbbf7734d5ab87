"""Lots, and how their ends moved."""

from django.db import models
from django.db.models import F, Q

from points.ledger.models.accounts import Account
from points.ledger.models.transactions import Transaction


class Lot(models.Model):
    """Points that came together and end together; it has the id of the transaction that opened it, but for those of a
    transfer that end at different times: `opened_by` names the transaction of all but the last of them.

    `expires_at` is frozen at earning, but for activities of a sliding programme (`LotExtension`; a trigger refuses an
    earlier end): points can be spent up to, not at, that instant. `expires_on` is the last day as members are told it,
    before any grace; null where the end was named and not reckoned, which no activity moves. `number` is the
    transaction's version, which orders lots of the same end by age.
    """

    id = models.UUIDField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    number = models.BigIntegerField()
    points = models.BigIntegerField()
    remaining = models.BigIntegerField()
    active_from = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    expires_on = models.DateField(null=True)
    opened_by = models.ForeignKey(Transaction, on_delete=models.PROTECT, null=True, db_index=False, db_constraint=False)
    # A column of its own, so that the indexes need no change (HOT) while a lot is eaten bit by bit.
    is_open = models.GeneratedField(
        expression=Q(remaining__gt=0),  # type: ignore[arg-type]  # a condition is an expression; the stubs do not know
        output_field=models.BooleanField(),
        db_persist=True,
    )

    class Meta:
        db_table = "lot"
        constraints = [
            models.CheckConstraint(condition=Q(remaining__gte=0, remaining__lte=F("points")), name="lot_remaining"),
            models.CheckConstraint(condition=Q(points__gt=0), name="lot_points"),
        ]
        indexes = [
            models.Index(fields=["account", "expires_at", "number"], condition=Q(is_open=True), name="lot_spending"),
            models.Index(fields=["expires_at", "id"], condition=Q(is_open=True), name="lot_ending"),
            models.Index(fields=["opened_by"], condition=Q(opened_by__isnull=False), name="lot_opened_by"),
        ]


class LotExtension(models.Model):
    """A later end that an activity of the member gave a lot; `version` is the transaction's, and so orders them."""

    pk = models.CompositePrimaryKey("lot_id", "version")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, db_index=False)
    version = models.BigIntegerField()
    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT)
    previous_expires_at = models.DateTimeField()
    previous_expires_on = models.DateField()
    expires_at = models.DateTimeField()
    expires_on = models.DateField()

    class Meta:
        db_table = "lot_extension"
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("previous_expires_at")), name="lot_extension_is_later")
        ]


class Allocation(models.Model):
    """How many points a transaction took from a lot; negative where it gave them back."""

    pk = models.CompositePrimaryKey("transaction_id", "lot_id")
    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    points = models.BigIntegerField()

    class Meta:
        db_table = "allocation"
        constraints = [models.CheckConstraint(condition=~Q(points=0), name="allocation_moves")]
