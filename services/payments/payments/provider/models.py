"""The simulated card network's own books: nothing of ours refers to them but by our own reference."""

from django.db import models
from django.db.models import Q

from payments.provider.rules import CHARGE_STATUSES
from shared.ids import new_id


class ProviderCharge(models.Model):
    """One charge as the network knows it. `reference` is the caller's id of its attempt: the same one is one charge.

    `closed` is a reference that was called off before any charge came: a late one is refused.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    reference = models.UUIDField(unique=True)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    last4 = models.CharField(max_length=4)
    status = models.CharField(max_length=10)
    decline_code = models.CharField(max_length=40)
    amount_refunded = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "provider_charge"
        constraints = [
            models.CheckConstraint(condition=Q(status__in=CHARGE_STATUSES), name="provider_charge_status"),
            models.CheckConstraint(
                condition=Q(amount_refunded__gte=0, amount_refunded__lte=models.F("amount")),
                name="provider_charge_refunded",
            ),
            models.CheckConstraint(
                condition=Q(status="captured", decline_code="") | Q(amount_refunded=0) & ~Q(decline_code=""),
                name="provider_charge_decline",
            ),
        ]


class ProviderRefund(models.Model):
    """One refund as the network knows it; `reference` is the caller's id of it."""

    id = models.UUIDField(primary_key=True, default=new_id)
    reference = models.UUIDField(unique=True)
    charge = models.ForeignKey(ProviderCharge, on_delete=models.PROTECT)
    amount = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "provider_refund"
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="provider_refund_amount")]
