"""The tables of the money ledger. Only `operations.post` writes them."""

from django.db import models
from django.db.models import Q

from payments.ledger.rules import KINDS
from shared.ids import new_id


class Account(models.Model):
    """One balance in one currency. Positive is what we owe its owner; clearing is the other side and may be negative.

    Accounts that many payments touch are split into shards, so that these do not wait for each other;
    `owner_id` is the nil UUID where the house owns it. A balance under its `floor` cannot be stored.
    """

    kind = models.CharField(max_length=20)
    owner_id = models.UUIDField()
    currency = models.CharField(max_length=3)
    shard = models.SmallIntegerField()
    balance = models.BigIntegerField()
    version = models.BigIntegerField()
    floor = models.BigIntegerField(null=True)

    class Meta:
        db_table = "account"
        constraints = [
            # The owner first: a list of owners on a later column may be looked for in all accounts of the kind.
            models.UniqueConstraint(fields=["owner_id", "kind", "currency", "shard"], name="account_once"),
            models.CheckConstraint(condition=Q(floor=None) | Q(balance__gte=models.F("floor")), name="account_floor"),
            models.CheckConstraint(
                condition=~Q(kind="wallet") | Q(floor__isnull=False, floor=0, shard=0), name="account_wallet_floor"
            ),
            models.CheckConstraint(condition=Q(version__gte=0, shard__gte=0), name="account_version"),
        ]


class LedgerTransaction(models.Model):
    """One movement of money; its entries add up to zero in each currency. `source_key` posts it once for ever."""

    id = models.UUIDField(primary_key=True, default=new_id)
    kind = models.CharField(max_length=20)
    source_key = models.CharField(max_length=80, unique=True)
    reference = models.CharField(max_length=128)
    posted_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_transaction"
        constraints = [models.CheckConstraint(condition=Q(kind__in=KINDS), name="ledger_transaction_kind")]
        indexes = [models.Index(fields=["posted_at"], name="ledger_transaction_day")]


class Entry(models.Model):
    """One change of one account's balance. Written once, never changed.

    `balance_after` repeats what could be summed, so that a statement is one read and a wrong sum is
    visible in the row where it began. Account and version are the key: a lost update cannot be stored.
    """

    pk = models.CompositePrimaryKey("account_id", "version")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_index=False)
    version = models.BigIntegerField()
    transaction = models.ForeignKey(LedgerTransaction, on_delete=models.PROTECT)
    amount = models.BigIntegerField()
    balance_after = models.BigIntegerField()

    class Meta:
        db_table = "entry"
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="entry_amount"),
            models.CheckConstraint(condition=Q(version__gte=1), name="entry_version"),
        ]
