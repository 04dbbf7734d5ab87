"""Vouchers, and who has how many."""

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Replace

from points.vouchers.models.campaigns import VoucherCampaign
from shared.ids import new_id


class Voucher(models.Model):
    """One code of a campaign; without a member it lies in the pool and cannot be used.

    Cancelled, it was given back for its price: its code is nobody's again. `uses_max` and `price_points` are the
    campaign's, as they were when the code was made or taken.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    campaign = models.ForeignKey(VoucherCampaign, on_delete=models.PROTECT, db_index=False)
    code = models.CharField(max_length=40)
    member_id = models.UUIDField(null=True)
    uses = models.IntegerField(default=0)
    uses_max = models.IntegerField()
    price_points = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    # When its member last took it off an order without a payment.
    released_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "voucher"
        constraints = [
            # Without its dashes, as people type it: two codes that differ by these alone would be one to them.
            models.UniqueConstraint(Replace("code", Value("-"), Value("")), name="voucher_bare_code_once"),
            models.CheckConstraint(
                condition=Q(cancelled_at=None) | Q(uses=0, price_points__gt=0, member_id__isnull=False),
                name="voucher_cancelled",
            ),
            models.CheckConstraint(condition=Q(uses__gte=0, uses__lte=F("uses_max")), name="voucher_uses"),
            models.CheckConstraint(
                condition=Q(member_id=None, issued_at=None, uses=0)
                | Q(member_id__isnull=False, issued_at__isnull=False),
                name="voucher_issued",
            ),
        ]
        indexes = [
            models.Index(fields=["campaign", "id"], name="voucher_of_campaign"),
            # In an order that no other index has: along the one above, a claim would walk over all that are taken.
            models.Index(fields=["campaign", "created_at", "id"], condition=Q(member_id=None), name="voucher_pool"),
            models.Index(
                fields=["member_id", "-issued_at", "-id"],
                condition=Q(member_id__isnull=False),
                name="voucher_of_member",
            ),
            models.Index(
                fields=["-issued_at", "-id"], condition=Q(member_id__isnull=False), name="voucher_last_issued"
            ),
        ]


class VoucherMemberUse(models.Model):
    """How many vouchers of a campaign a member has taken, and how often they were used.

    `uses_max` repeats the campaign's `uses_per_member`, so that the row itself can refuse one too many.
    """

    campaign = models.ForeignKey(VoucherCampaign, on_delete=models.PROTECT, db_index=False)
    member_id = models.UUIDField()
    claimed = models.IntegerField(default=0)
    used = models.IntegerField(default=0)
    uses_max = models.IntegerField(null=True)

    class Meta:
        db_table = "voucher_member_use"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "member_id"], name="voucher_member_use_once"),
            models.CheckConstraint(
                condition=Q(used__gte=0, claimed__gte=0)
                & (Q(uses_max=None) | Q(used__lte=F("uses_max"), claimed__lte=F("uses_max"))),
                name="voucher_member_use_limit",
            ),
        ]


class FailedAttempt(models.Model):
    """An account named a code that is not its own or does not exist, for itself or for a customer whom it named; kept
    for as long as it counts."""

    account_id = models.UUIDField()
    customer_id = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "voucher_failed_attempt"
        indexes = [
            models.Index(fields=["account_id", "-at"], name="voucher_failed_of_account"),
            models.Index(fields=["account_id", "customer_id", "-at"], name="voucher_failed_for_customer"),
            models.Index(fields=["at"], name="voucher_failed_age"),
        ]
