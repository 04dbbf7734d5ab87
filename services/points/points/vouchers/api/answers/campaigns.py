"""What is answered about campaigns and their codes."""

from datetime import datetime
from typing import Any

from rest_framework import serializers

from points.vouchers import rules
from points.vouchers.models import CodeJob, VoucherCampaign
from points.vouchers.tiers import Tiers
from shared.http.fields import MoneyField
from shared.jobs.progress import pace
from shared.money import Money

_TERMS = ("starts_at", "ends_at")
_CAMPAIGN = ("uses_per_code", "uses_per_member", "price_points", "prices", "tiers", "status")
_STACKING = ("stacking", "priority")
_FOR_OPERATORS = ("uses_total", "codes_total", "claimed", "used", "created_at", "changed_at")


class Worth(serializers.Serializer[Any]):
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


class TierPriceAnswer(serializers.Serializer[Any]):
    """What members of a tier pay."""

    tier = serializers.CharField()
    price_points = serializers.IntegerField()

    class Meta:
        ref_name = "VoucherPrice"


class CampaignAnswer(Worth):
    """A campaign; its counts and total limit are for operators only. `tiers` are those whose members may have its
    vouchers (null: everybody may), `prices` what members of some pay instead of `price_points`; `own_price_points` is
    what the member who asks would pay now."""

    id = serializers.UUIDField()
    programme = serializers.UUIDField()
    name = serializers.CharField()
    uses_per_code = serializers.IntegerField()
    uses_per_member = serializers.IntegerField(allow_null=True)
    price_points = serializers.IntegerField()
    prices = TierPriceAnswer(many=True, allow_null=True)
    own_price_points = serializers.IntegerField(required=False)
    tiers = serializers.ListField(child=serializers.CharField(), allow_null=True)
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


def campaign_json(campaign: VoucherCampaign, *, tiers: Tiers | None) -> dict[str, Any]:
    """Return a campaign as it is answered to a member with these tiers; None: to an operator."""
    return {
        "id": campaign.id,
        "programme": campaign.programme_id,
        "name": campaign.name,
        **worth_json(campaign),
        **{name: getattr(campaign, name) for name in _CAMPAIGN},
        "is_sold_out": _is_sold_out(campaign),
        **({"own_price_points": _price(campaign, tiers)} if tiers else _for_operators(campaign)),
    }


def _for_operators(campaign: VoucherCampaign) -> dict[str, Any]:
    return {name: getattr(campaign, name) for name in _FOR_OPERATORS}


def _price(campaign: VoucherCampaign, tiers: Tiers) -> int:
    tier = tiers.of(campaign.programme_id) if campaign.prices else None
    return rules.price_of(campaign.price_points, campaign.prices, tier)


def _is_sold_out(campaign: VoucherCampaign) -> bool:
    limit = campaign.codes_total if campaign.uses_total is None else min(campaign.codes_total, campaign.uses_total)
    return campaign.claimed >= limit


def worth_json(campaign: VoucherCampaign) -> dict[str, Any]:
    """Return what a campaign\'s vouchers are worth, as it is answered."""

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


def job_json(job: CodeJob, *, at: datetime) -> dict[str, Any]:
    """Return a code job as it is answered."""
    rate, eta_seconds = pace(job, total=job.count, at=at)
    return {
        "id": job.id,
        "campaign_id": job.campaign_id,
        "state": job.state,
        "done": job.done,
        "total": job.count,
        "rate": rate,
        "eta_seconds": eta_seconds,
        "pattern": job.pattern,
        "error": job.error or None,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
    }
