"""Transactions and what they did."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from points.ledger.models.accounts import Account


class Transaction(models.Model):
    """One movement of a member's points, made of entries that sum to zero.

    `points` is how many moved and `change` what that did to the available ones; `version` is the number
    of its last entry. `source_key` names what it came from, so that the same cause has one effect.
    """

    id = models.UUIDField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    version = models.BigIntegerField()
    kind = models.CharField(max_length=16)
    points = models.BigIntegerField()
    change = models.BigIntegerField()
    balance_after = models.BigIntegerField()
    reference = models.CharField(max_length=100)
    reason = models.CharField(max_length=200)
    # None, not "": many have no key, and the keys are unique.
    source_key = models.CharField(max_length=320, null=True)  # noqa: DJ001
    reverses = models.ForeignKey("self", on_delete=models.PROTECT, null=True, db_index=False)
    actor_id = models.UUIDField(null=True)
    occurred_at = models.DateTimeField()
    posted_at = models.DateTimeField()

    class Meta:
        db_table = "points_transaction"
        constraints = [
            models.UniqueConstraint(fields=["account", "version"], name="transaction_version"),
            models.UniqueConstraint(
                fields=["source_key"], condition=Q(source_key__isnull=False), name="transaction_source"
            ),
            models.UniqueConstraint(
                fields=["reverses"], condition=Q(reverses__isnull=False), name="transaction_reversed_once"
            ),
        ]
        indexes = [BrinIndex(fields=["posted_at"], name="transaction_day", autosummarize=True)]


class Entry(models.Model):
    """One signed change of one bucket, numbered in its account without a gap, with the bucket's balance after it."""

    pk = models.CompositePrimaryKey("account_id", "version")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    version = models.BigIntegerField()
    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    bucket = models.CharField(max_length=9)
    points = models.BigIntegerField()
    balance_after = models.BigIntegerField()

    class Meta:
        db_table = "entry"


class Reinstatement(models.Model):
    """Points of an expiry that a person gave back, in a lot with a new end; `total` is how many of the `expired` ones
    were given back until then, this time's included."""

    transaction = models.OneToOneField(
        Transaction, on_delete=models.PROTECT, primary_key=True, related_name="reinstatement"
    )
    expiry = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="reinstatements", db_index=False)
    points = models.BigIntegerField()
    total = models.BigIntegerField()
    expired = models.BigIntegerField()

    class Meta:
        db_table = "reinstatement"
        constraints = [
            models.UniqueConstraint(fields=["expiry", "total"], name="reinstatement_step"),
            models.CheckConstraint(
                condition=Q(points__gt=0, total__gte=F("points"), total__lte=F("expired")),
                name="reinstatement_of_what_expired",
            ),
        ]
