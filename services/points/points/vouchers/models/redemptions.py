"""Redemptions, and the orders that they are on."""

from django.db import models
from django.db.models import F, Q

from points.vouchers.models.campaigns import VoucherCampaign
from points.vouchers.models.vouchers import Voucher
from shared.ids import new_id


class VoucherOrder(models.Model):
    """An order on which vouchers were used: what it cost then, and what those that count on it now took off together.

    Whoever redeems for it, or rolls back, locks this row first, so that no two decide at once. `merchant_id` is whose
    order it is; rows from before may have none.
    """

    merchant_id = models.UUIDField(null=True)
    order_id = models.CharField(max_length=64)
    currency = models.CharField(max_length=3)
    total = models.BigIntegerField()
    discount = models.BigIntegerField(db_default=0)
    uses = models.IntegerField(db_default=0)
    is_exclusive = models.BooleanField(db_default=False)

    class Meta:
        db_table = "voucher_order"
        constraints = [
            models.UniqueConstraint(
                fields=["order_id", "merchant_id"], nulls_distinct=False, name="voucher_order_of_merchant"
            ),
            models.CheckConstraint(
                condition=Q(uses=0, discount=0, is_exclusive=False)
                | Q(uses__gt=0, discount__gt=0, discount__lte=F("total")),
                name="voucher_order_discount",
            ),
            models.CheckConstraint(condition=Q(is_exclusive=False) | Q(uses=1), name="voucher_order_exclusive"),
        ]


class VoucherOrderPayment(models.Model):
    """A payment, or a purchase recorded by its merchant, that paid for an order with vouchers, until all of it was
    given back (`returned_at`). A release by the member after `paid_at` came too late: its message was under way."""

    pk = models.CompositePrimaryKey("payment_id", "order_id")
    payment_id = models.UUIDField()
    order = models.ForeignKey(VoucherOrder, on_delete=models.PROTECT)
    paid_at = models.DateTimeField()
    returned_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "voucher_order_payment"


class VoucherRedemption(models.Model):
    """One use of a voucher on an order, as it stands now; VoucherRedemptionEvent has how it came to that. `spent` is
    what it used of its campaign's budgets, where there were any."""

    id = models.UUIDField(primary_key=True, default=new_id)
    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, db_index=False)
    # No constraint: the voucher has it, and a second one would lock the campaign's row before its turn.
    campaign = models.ForeignKey(VoucherCampaign, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    member_id = models.UUIDField()
    order_id = models.CharField(max_length=64)
    order_total = models.BigIntegerField()
    discount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=12, default="redeemed")
    redeemed_by = models.UUIDField()
    merchant_id = models.UUIDField(null=True)
    redeemed_at = models.DateTimeField()
    rolled_back_at = models.DateTimeField(null=True)
    # By its member, who says that nobody paid.
    is_released = models.BooleanField(db_default=False)
    spent = models.JSONField(null=True)

    class Meta:
        db_table = "voucher_redemption"
        constraints = [
            # The order first: it also finds the vouchers that count on one.
            models.UniqueConstraint(
                fields=["order_id", "merchant_id", "voucher"],
                condition=Q(status="redeemed"),
                nulls_distinct=False,
                name="voucher_once_on_order",
            ),
            models.CheckConstraint(
                condition=Q(discount__gte=1, discount__lte=F("order_total")), name="voucher_redemption_discount"
            ),
            models.CheckConstraint(
                condition=Q(status="redeemed", rolled_back_at=None)
                | Q(status="rolled_back", rolled_back_at__isnull=False),
                name="voucher_redemption_status",
            ),
        ]
        indexes = [
            models.Index(fields=["member_id", "-redeemed_at", "-id"], name="voucher_redemption_of_member"),
            models.Index(fields=["order_id", "merchant_id", "id"], name="voucher_redemption_of_order"),
            models.Index(fields=["voucher"], condition=Q(is_released=True), name="voucher_redemption_released"),
            # Whom a till has served; members' own uses, which are most, cost it nothing.
            models.Index(
                fields=["redeemed_by", "redeemed_at"],
                condition=~Q(redeemed_by=F("member_id")),
                name="voucher_redemption_by_till",
            ),
        ]


class VoucherRedemptionEvent(models.Model):
    """What happened to a redemption, by whom and when. Written once, never changed."""

    redemption = models.ForeignKey(VoucherRedemption, on_delete=models.PROTECT, db_index=False)
    kind = models.CharField(max_length=12)
    actor_id = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        db_table = "voucher_redemption_event"
        constraints = [
            # A redemption is made once and rolled back once, whatever the code above believes.
            models.UniqueConstraint(fields=["redemption", "kind"], name="voucher_redemption_event_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["redeemed", "rolled_back"]), name="voucher_redemption_event_kind"
            ),
        ]
