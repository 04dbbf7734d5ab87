"""What is answered about vouchers, and its shapes for Swagger."""

from datetime import datetime
from typing import Any

from rest_framework import serializers

from points.vouchers import queries, rules
from points.vouchers.models import CodeJob, Voucher, VoucherCampaign, VoucherRedemption
from points.vouchers.rules import Redemption
from shared.http.fields import MoneyField
from shared.money import Money

_TERMS = ("starts_at", "ends_at")
_CAMPAIGN = ("uses_per_code", "uses_per_member", "price_points", "status")
_STACKING = ("stacking", "priority")
_FOR_OPERATORS = ("uses_total", "codes_total", "claimed", "used", "created_at", "changed_at")


class _Worth(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=["amount", "percent"])
    amount = MoneyField(allow_null=True)
    percent = serializers.IntegerField(allow_null=True)
    max_discount = MoneyField(allow_null=True)
    min_spend = MoneyField(allow_null=True)
    currency = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    stacking = serializers.ChoiceField(choices=["exclusive", "all"])
    priority = serializers.IntegerField()


class CampaignAnswer(_Worth):
    """A campaign; its counts and total limit are for operators only."""

    id = serializers.UUIDField()
    programme = serializers.UUIDField()
    name = serializers.CharField()
    uses_per_code = serializers.IntegerField()
    uses_per_member = serializers.IntegerField(allow_null=True)
    price_points = serializers.IntegerField()
    status = serializers.ChoiceField(choices=sorted(rules.MOVES))
    is_sold_out = serializers.BooleanField()
    uses_total = serializers.IntegerField(required=False, allow_null=True)
    codes_total = serializers.IntegerField(required=False)
    claimed = serializers.IntegerField(required=False)
    used = serializers.IntegerField(required=False)
    created_at = serializers.DateTimeField(required=False)
    changed_at = serializers.DateTimeField(required=False)

    class Meta:
        ref_name = "VoucherCampaign"


class VoucherAnswer(_Worth):
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


class JobAnswer(serializers.Serializer[Any]):
    """A code job; `rate` is in codes per second since its first chunk, `eta_seconds` how long the rest will take at
    that rate: null before the first chunk and when finished."""

    id = serializers.UUIDField()
    campaign_id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=["queued", "running", "done", "cancelled", "failed"])
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    rate = serializers.IntegerField()
    eta_seconds = serializers.IntegerField(allow_null=True)
    pattern = serializers.CharField()
    error = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)

    class Meta:
        ref_name = "CodeJob"


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


def campaign_json(campaign: VoucherCampaign, *, for_operator: bool) -> dict[str, Any]:
    """Return a campaign as it is answered."""
    return {
        "id": campaign.id,
        "programme": campaign.programme_id,
        "name": campaign.name,
        **_worth_json(campaign),
        **{name: getattr(campaign, name) for name in _CAMPAIGN},
        "is_sold_out": _is_sold_out(campaign),
        **({name: getattr(campaign, name) for name in _FOR_OPERATORS} if for_operator else {}),
    }


def _is_sold_out(campaign: VoucherCampaign) -> bool:
    limit = campaign.codes_total if campaign.uses_total is None else min(campaign.codes_total, campaign.uses_total)
    return campaign.claimed >= limit


def _worth_json(campaign: VoucherCampaign) -> dict[str, Any]:
    def money(amount: int | None) -> Money | None:
        return None if amount is None else Money(amount, campaign.currency)

    return {
        "kind": campaign.kind,
        "amount": money(campaign.amount),
        "percent": campaign.percent,
        "max_discount": money(campaign.max_discount),
        "min_spend": money(campaign.min_spend),
        "currency": campaign.currency,
        **{name: getattr(campaign, name) for name in (*_TERMS, *_STACKING)},
    }


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
        **_worth_json(voucher.campaign),
        "uses": voucher.uses,
        "uses_max": voucher.uses_max,
        "price_points": voucher.price_points,
        "issued_at": voucher.issued_at,
        "cancelled_at": voucher.cancelled_at,
    }


def job_json(job: CodeJob, *, at: datetime) -> dict[str, Any]:
    """Return a code job as it is answered."""
    seconds = ((job.finished_at or at) - (job.started_at or job.created_at)).total_seconds()
    return {
        "id": job.id,
        "campaign_id": job.campaign_id,
        "state": job.state,
        "done": job.done,
        "total": job.count,
        "rate": round(job.done / seconds) if seconds > 0 else 0,
        "eta_seconds": round(seconds * (job.count - job.done) / job.done) if job.state == "running" else None,
        "pattern": job.pattern,
        "error": job.error or None,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
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
