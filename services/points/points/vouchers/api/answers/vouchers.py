"""What is answered about vouchers and their use."""

from datetime import datetime
from typing import Any

from rest_framework import serializers

from points.vouchers import queries, rules
from points.vouchers.api.answers.campaigns import Worth, worth_json
from points.vouchers.models import Voucher, VoucherRedemption
from points.vouchers.rules import Redemption
from shared.http.fields import MoneyField
from shared.money import Money


class VoucherAnswer(Worth):
    """A voucher with what it is worth."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    campaign_id = serializers.UUIDField()
    name = serializers.CharField()
    member_id = serializers.UUIDField(allow_null=True)
    state = serializers.ChoiceField(choices=["usable", "upcoming", "paused", "used_up", "expired", "cancelled"])
    uses = serializers.IntegerField()
    uses_max = serializers.IntegerField()
    price_points = serializers.IntegerField()
    issued_at = serializers.DateTimeField(allow_null=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)

    class Meta:
        ref_name = "Voucher"


class ValidationAnswer(serializers.Serializer[Any]):
    """Whether a voucher works on an order; `reason` is the code of the refusal that a redemption would meet."""

    valid = serializers.BooleanField()
    discount = MoneyField(required=False)
    reason = serializers.CharField(required=False)

    class Meta:
        ref_name = "VoucherValidation"


class RedemptionAnswer(serializers.Serializer[Any]):
    """One use of a voucher on an order."""

    id = serializers.UUIDField()
    voucher_id = serializers.UUIDField()
    campaign_id = serializers.UUIDField()
    member_id = serializers.UUIDField()
    merchant_id = serializers.UUIDField(allow_null=True)
    order_id = serializers.CharField()
    order_total = MoneyField()
    discount = MoneyField()
    status = serializers.ChoiceField(choices=["redeemed", "rolled_back"])
    redeemed_at = serializers.DateTimeField()
    rolled_back_at = serializers.DateTimeField(allow_null=True)

    class Meta:
        ref_name = "VoucherRedemption"


def voucher_json(voucher: Voucher, *, at: datetime) -> dict[str, Any]:
    """Return a voucher as it is answered."""
    terms, uses_left = queries.terms_of(voucher.campaign), voucher.uses_max - voucher.uses
    return {
        "id": voucher.id,
        "code": voucher.code,
        "campaign_id": voucher.campaign_id,
        "name": voucher.campaign.name,
        "member_id": voucher.member_id,
        "state": rules.state_of(terms, uses_left=uses_left, is_cancelled=voucher.cancelled_at is not None, at=at),
        **worth_json(voucher.campaign),
        "uses": voucher.uses,
        "uses_max": voucher.uses_max,
        "price_points": voucher.price_points,
        "issued_at": voucher.issued_at,
        "cancelled_at": voucher.cancelled_at,
    }


def redemption_json(redemption: Redemption | VoucherRedemption) -> dict[str, Any]:
    """Return a redemption (or its row) as it is answered."""
    return {
        "id": redemption.id,
        "voucher_id": redemption.voucher_id,
        "campaign_id": redemption.campaign_id,
        "member_id": redemption.member_id,
        "merchant_id": redemption.merchant_id,
        "order_id": redemption.order_id,
        "order_total": Money(redemption.order_total, redemption.currency),
        "discount": Money(redemption.discount, redemption.currency),
        "status": redemption.status,
        "redeemed_at": redemption.redeemed_at,
        "rolled_back_at": redemption.rolled_back_at,
    }
