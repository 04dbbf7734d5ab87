"""The tables of payment intents and refunds."""

from django.db import models
from django.db.models import F, Q

from payments.intents.rules import (
    CANCELED,
    CARD,
    FAILED,
    HOLDING,
    MEMBER,
    MERCHANT,
    MOVES,
    PROCESSING,
    REQUIRES_CONFIRMATION,
    SUCCEEDED,
    UNPAID,
    WALLET,
)
from payments.merchants.models import Merchant

TENDER_TYPES = (WALLET, CARD)
ONE_FOR_ORDER = "payment_intent_order"


class PaymentIntent(models.Model):
    """The request to be paid an amount for an order. Of an order's intents one at most is paid or being paid.

    `amount_refunding` is set aside for refunds that are under way, so that refunds at the same time
    can never give back more than was received. One that the merchant made has no tender until its member says one.
    """

    id = models.UUIDField(primary_key=True)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, db_index=False)
    member_id = models.UUIDField()
    made_by = models.CharField(max_length=10)
    order_id = models.CharField(max_length=128)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=24)
    tender_type = models.CharField(max_length=10, null=True)  # noqa: DJ001 - none, until the member says one
    amount_received = models.BigIntegerField()
    amount_refunded = models.BigIntegerField()
    amount_refunding = models.BigIntegerField()
    channel = models.CharField(max_length=40)
    store = models.CharField(max_length=64)
    metadata = models.JSONField()
    last_error = models.JSONField(null=True)
    created_at = models.DateTimeField()
    captured_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "payment_intent"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "order_id"], condition=Q(status__in=HOLDING), name=ONE_FOR_ORDER
            ),
            models.CheckConstraint(condition=Q(status__in=list(MOVES)), name="payment_intent_status"),
            models.CheckConstraint(condition=Q(made_by__in=[MEMBER, MERCHANT]), name="payment_intent_made_by"),
            models.CheckConstraint(
                condition=Q(tender_type__isnull=False, tender_type__in=TENDER_TYPES)
                | Q(tender_type__isnull=True, made_by=MERCHANT, status__in=[REQUIRES_CONFIRMATION, CANCELED]),
                name="payment_intent_tender",
            ),
            models.CheckConstraint(
                condition=Q(status=SUCCEEDED, amount_received=F("amount"), captured_at__isnull=False)
                | ~Q(status=SUCCEEDED) & Q(amount_received=0, captured_at=None),
                name="payment_intent_received",
            ),
            models.CheckConstraint(
                condition=Q(
                    amount__gt=0,
                    amount_refunded__gte=0,
                    amount_refunding__gte=0,
                    amount_received__gte=F("amount_refunded") + F("amount_refunding"),
                ),
                name="payment_intent_amounts",
            ),
        ]
        indexes = [
            models.Index(fields=["member_id", "id"], name="payment_intent_member"),
            models.Index(fields=["merchant", "id"], name="payment_intent_merchant"),
            models.Index(fields=["order_id", "merchant", "id"], name="payment_intent_by_order"),
            # Most are paid for: those of another status are looked for, and few.
            models.Index(fields=["status", "id"], condition=~Q(status=SUCCEEDED), name="payment_intent_unpaid"),
            models.Index(
                fields=["merchant", "status", "id"], condition=~Q(status=SUCCEEDED), name="payment_intent_unpaid_shop"
            ),
            # What nobody paid within a day is given up, the oldest first.
            models.Index(fields=["created_at"], condition=Q(status__in=UNPAID), name="payment_intent_to_give_up"),
            # Any number of unpaid ones may be newer than a page of those that are paid for.
            models.Index(fields=["id"], condition=Q(status=SUCCEEDED), name="payment_intent_paid"),
            models.Index(fields=["merchant", "id"], condition=Q(status=SUCCEEDED), name="payment_intent_paid_shop"),
        ]


class IntentLine(models.Model):
    """One line of an intent's order, and how much of it was given back or is on its way back."""

    pk = models.CompositePrimaryKey("intent_id", "position")
    intent = models.ForeignKey(PaymentIntent, on_delete=models.PROTECT, related_name="lines", db_index=False)
    position = models.SmallIntegerField()
    line_id = models.CharField(max_length=64)
    sku = models.CharField(max_length=64)
    category = models.CharField(max_length=64)
    brand = models.CharField(max_length=64)
    quantity = models.BigIntegerField()
    unit_amount = models.BigIntegerField()
    quantity_refunded = models.BigIntegerField()
    amount_refunded = models.BigIntegerField()
    metadata = models.JSONField()

    class Meta:
        db_table = "intent_line"
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    unit_amount__gte=0,
                    quantity_refunded__gte=0,
                    quantity__gte=F("quantity_refunded"),
                    amount_refunded__gte=0,
                    amount_refunded__lte=F("quantity") * F("unit_amount"),
                ),
                name="intent_line_amounts",
            ),
        ]


class IntentMove(models.Model):
    """One change of an intent's state. Written once, never changed."""

    intent = models.ForeignKey(PaymentIntent, on_delete=models.PROTECT, related_name="moves")
    from_status = models.CharField(max_length=24)
    to_status = models.CharField(max_length=24)
    at = models.DateTimeField()

    class Meta:
        db_table = "intent_move"
        constraints = [
            models.CheckConstraint(
                condition=Q(*(Q(from_status=before, to_status__in=after) for before, after in MOVES.items() if after),
                            _connector=Q.OR),
                name="intent_move_allowed",
            ),
        ]  # fmt: skip


class PaymentAttempt(models.Model):
    """One try to take the money of an intent. Its id is what the card network knows it by."""

    id = models.UUIDField(primary_key=True)
    intent = models.ForeignKey(PaymentIntent, on_delete=models.PROTECT, related_name="attempts", db_index=False)
    number = models.SmallIntegerField()
    tender_type = models.CharField(max_length=10)
    status = models.CharField(max_length=10)
    card_brand = models.CharField(max_length=20)
    card_last4 = models.CharField(max_length=4)
    card_fingerprint = models.CharField(max_length=32)
    decline_code = models.CharField(max_length=40)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "payment_attempt"
        constraints = [
            models.UniqueConstraint(fields=["intent", "number"], name="payment_attempt_number"),
            # The last net under a double charge: one try under way or well ended, whatever the code does.
            models.UniqueConstraint(
                fields=["intent"], condition=Q(status__in=[PROCESSING, SUCCEEDED]), name="payment_attempt_one_live"
            ),
            models.CheckConstraint(condition=Q(tender_type__in=TENDER_TYPES), name="payment_attempt_tender"),
            models.CheckConstraint(
                condition=Q(status=PROCESSING, finished_at=None, decline_code="")
                | Q(status=SUCCEEDED, decline_code="", finished_at__isnull=False)
                | Q(status=FAILED, finished_at__isnull=False) & ~Q(decline_code=""),
                name="payment_attempt_status",
            ),
        ]
        indexes = [models.Index(fields=["created_at"], condition=Q(status=PROCESSING), name="payment_attempt_open")]


class Refund(models.Model):
    """Part of a payment given back to the tender it came from. Its id is what the card network knows it by."""

    id = models.UUIDField(primary_key=True)
    intent = models.ForeignKey(PaymentIntent, on_delete=models.PROTECT, related_name="refunds")
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    tender_type = models.CharField(max_length=10)
    status = models.CharField(max_length=10)
    reason = models.CharField(max_length=200)
    error_code = models.CharField(max_length=40)
    requested_by = models.UUIDField()
    created_at = models.DateTimeField()
    refunded_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "refund"
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_amount"),
            models.CheckConstraint(
                condition=Q(status=PROCESSING, refunded_at=None, error_code="")
                | Q(status=SUCCEEDED, refunded_at__isnull=False, error_code="")
                | Q(status=FAILED, refunded_at=None) & ~Q(error_code=""),
                name="refund_status",
            ),
        ]
        indexes = [models.Index(fields=["created_at"], condition=Q(status=PROCESSING), name="refund_open")]


class RefundedLine(models.Model):
    """How much of one line a refund takes back. Written once, never changed."""

    pk = models.CompositePrimaryKey("refund_id", "line_id")
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="lines", db_index=False)
    line_id = models.CharField(max_length=64)
    quantity = models.BigIntegerField()
    amount = models.BigIntegerField()

    class Meta:
        db_table = "refunded_line"
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0, amount__gte=0), name="refunded_line_amounts"),
        ]
