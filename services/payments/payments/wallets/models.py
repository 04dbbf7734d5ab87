"""The tables of wallets; their balances are accounts of the ledger."""

from django.db import models
from django.db.models import Q

from payments.wallets.rules import FAILED, PROCESSING, SUCCEEDED


class Wallet(models.Model):
    """A member's money in one currency. The id follows from both, so a payment need not look it up."""

    id = models.UUIDField(primary_key=True)
    member_id = models.UUIDField()
    currency = models.CharField(max_length=3)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "wallet"
        constraints = [models.UniqueConstraint(fields=["member_id", "currency"], name="wallet_once")]
        indexes = [models.Index(fields=["-created_at", "-id"], name="wallet_newest")]


class Topup(models.Model):
    """Money on its way from a card to a wallet. Its id is what the card network knows it by."""

    id = models.UUIDField(primary_key=True)
    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=10)
    card_brand = models.CharField(max_length=20)
    card_last4 = models.CharField(max_length=4)
    card_fingerprint = models.CharField(max_length=32)
    decline_code = models.CharField(max_length=40, default="")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "topup"
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="topup_amount"),
            models.CheckConstraint(
                condition=Q(status=PROCESSING, finished_at=None, decline_code="")
                | Q(status=SUCCEEDED, decline_code="") & ~Q(finished_at=None)
                | Q(status=FAILED) & ~Q(decline_code="") & ~Q(finished_at=None),
                name="topup_status",
            ),
        ]
        indexes = [models.Index(fields=["created_at"], condition=Q(status="processing"), name="topup_open")]
