"""What is answered about payment intents and refunds."""

from typing import Any

from rest_framework import serializers

from payments.answers import AmountAnswer, CardAnswer
from payments.intents.models import PaymentAttempt, Refund
from payments.intents.operations.intents import Intent
from payments.intents.rules import CARD, MEMBER, MERCHANT, MOVES, REQUIRES_CONFIRMATION, Line
from shared.http.fields import MetadataValue


class LineAnswer(serializers.Serializer[Any]):
    """One line of an order, and what of it was given back."""

    line_id = serializers.CharField()
    sku = serializers.CharField()
    category = serializers.CharField()
    brand = serializers.CharField(help_text="empty where it was not said, as channel and store")
    quantity = serializers.IntegerField()
    unit_amount = serializers.IntegerField()
    quantity_refunded = serializers.IntegerField()
    amount_refunded = serializers.IntegerField()
    metadata = serializers.DictField(child=MetadataValue())

    class Meta:
        ref_name = "IntentLine"


class TenderAnswer(serializers.Serializer[Any]):
    """A means of payment and its part."""

    type = serializers.CharField()
    amount = serializers.IntegerField()

    class Meta:
        ref_name = "IntentTender"


class AttemptAnswer(serializers.Serializer[Any]):
    """One try to take the money."""

    id = serializers.UUIDField()
    type = serializers.CharField()
    status = serializers.ChoiceField(choices=["processing", "succeeded", "failed"])
    card = CardAnswer(required=False, help_text="of a card attempt only")
    decline_code = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    class Meta:
        ref_name = "Attempt"


class IntentAnswer(serializers.Serializer[Any]):
    """A payment intent."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=list(MOVES))
    amount = AmountAnswer()
    amount_capturable = AmountAnswer()
    amount_received = AmountAnswer()
    amount_refunded = AmountAnswer()
    currency = serializers.CharField()
    merchant_id = serializers.UUIDField()
    member_id = serializers.UUIDField()
    made_by = serializers.ChoiceField(choices=[MEMBER, MERCHANT], help_text="whose word the order and its lines are")
    order_id = serializers.CharField()
    lines = LineAnswer(many=True)
    tenders = TenderAnswer(many=True, help_text="none, until the member says how a merchant's intent is paid")
    attempts = AttemptAnswer(many=True)
    next_action = serializers.CharField(allow_null=True, help_text="`confirm` where the member has to do that")
    last_error = serializers.DictField(allow_null=True)
    channel = serializers.CharField()
    store = serializers.CharField()
    metadata = serializers.DictField(child=MetadataValue())
    created_at = serializers.DateTimeField()
    captured_at = serializers.DateTimeField(allow_null=True)

    class Meta:
        ref_name = "Intent"


class RefundedLineAnswer(serializers.Serializer[Any]):
    """How much of one line went back."""

    line_id = serializers.CharField()
    quantity = serializers.IntegerField()
    amount = serializers.IntegerField()

    class Meta:
        ref_name = "RefundedLine"


class RefundAnswer(serializers.Serializer[Any]):
    """A refund: `succeeded`, `failed`, or `processing` while the card network's answer is awaited."""

    id = serializers.UUIDField()
    intent_id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=["processing", "succeeded", "failed"])
    amount = AmountAnswer()
    tender = serializers.CharField()
    lines = RefundedLineAnswer(many=True)
    reason = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    refunded_at = serializers.DateTimeField(allow_null=True)

    class Meta:
        ref_name = "Refund"


def intent_json(intent: Intent) -> dict[str, Any]:
    """Return an intent as it is answered."""
    row = intent.row

    def money(amount: int) -> dict[str, Any]:
        return {"amount": amount, "currency": row.currency}

    return {
        "id": row.id,
        "status": row.status,
        "amount": money(row.amount),
        "amount_capturable": money(0),
        "amount_received": money(row.amount_received),
        "amount_refunded": money(row.amount_refunded),
        "currency": row.currency,
        "merchant_id": row.merchant_id,
        "member_id": row.member_id,
        "made_by": row.made_by,
        "order_id": row.order_id,
        "lines": [line_json(line) for line in intent.lines],
        "tenders": [{"type": row.tender_type, "amount": row.amount}] if row.tender_type else [],
        "attempts": [attempt_json(attempt) for attempt in intent.attempts],
        "next_action": "confirm" if row.status == REQUIRES_CONFIRMATION else None,
        "last_error": row.last_error,
        "channel": row.channel,
        "store": row.store,
        "metadata": row.metadata,
        "created_at": row.created_at,
        "captured_at": row.captured_at,
    }


def line_json(line: Line) -> dict[str, Any]:
    """Return a line as it is answered."""
    return {
        "line_id": line.line_id,
        "sku": line.sku,
        "category": line.category,
        "brand": line.brand,
        "quantity": line.quantity,
        "unit_amount": line.unit_amount,
        "quantity_refunded": line.quantity_refunded,
        "amount_refunded": line.amount_refunded,
        "metadata": line.metadata,
    }


def attempt_json(attempt: PaymentAttempt) -> dict[str, Any]:
    """Return an attempt as it is answered."""
    card = {"card": {"brand": attempt.card_brand, "last4": attempt.card_last4}}
    return {
        "id": attempt.id,
        "type": attempt.tender_type,
        "status": attempt.status,
        **(card if attempt.tender_type == CARD else {}),
        "decline_code": attempt.decline_code or None,
        "created_at": attempt.created_at,
        "finished_at": attempt.finished_at,
    }


def refund_json(refund: Refund) -> dict[str, Any]:
    """Return a refund as it is answered."""
    return {
        "id": refund.id,
        "intent_id": refund.intent_id,
        "status": refund.status,
        "amount": {"amount": refund.amount, "currency": refund.currency},
        "tender": refund.tender_type,
        "lines": [
            {"line_id": line.line_id, "quantity": line.quantity, "amount": line.amount} for line in refund.lines.all()
        ],
        "reason": refund.reason,
        "created_at": refund.created_at,
        "refunded_at": refund.refunded_at,
    }
