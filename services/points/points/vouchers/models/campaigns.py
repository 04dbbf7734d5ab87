"""Campaigns and their codes."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from shared.ids import new_id


class VoucherCampaign(models.Model):
    """What a voucher takes off an order, when, how often, and what it costs; with how far it has come.

    The terms are frozen when the campaign is activated (rules.EDITABLE says which fields stay open). `tiers` are the
    codes of the tiers that may have its vouchers (null: everybody), `prices` what members of some tiers pay instead of
    `price_points`.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    programme_id = models.UUIDField()
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=8)
    amount = models.BigIntegerField(null=True)
    percent = models.SmallIntegerField(null=True)
    currency = models.CharField(max_length=3)
    max_discount = models.BigIntegerField(null=True)
    min_spend = models.BigIntegerField(null=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    uses_per_code = models.IntegerField(default=1)
    uses_per_member = models.IntegerField(null=True)
    uses_total = models.BigIntegerField(null=True)
    price_points = models.BigIntegerField(default=0)
    prices = models.JSONField(null=True)
    tiers = ArrayField(models.CharField(max_length=64), null=True)
    # Since it had a budget for the first time; others ask for none.
    has_budgets = models.BooleanField(db_default=False, default=False)
    stacking = models.CharField(max_length=9, default="exclusive", db_default="exclusive")
    priority = models.IntegerField(default=0, db_default=0)
    status = models.CharField(max_length=8, default="draft")
    codes_total = models.BigIntegerField(default=0)
    claimed = models.BigIntegerField(default=0)
    used = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "voucher_campaign"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="amount", amount__gt=0, percent=None, max_discount=None)
                | Q(kind="percent", percent__gte=1, percent__lte=100, amount=None),
                name="voucher_campaign_kind",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "active", "paused", "ended"]), name="voucher_campaign_status"
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="voucher_campaign_dates"),
            models.CheckConstraint(condition=Q(stacking__in=["exclusive", "all"]), name="voucher_campaign_stacking"),
            models.CheckConstraint(
                condition=Q(uses_per_code__gte=1)
                & (Q(uses_per_member=None) | Q(uses_per_member__gte=1))
                & (Q(uses_total=None) | Q(uses_total__gte=1))
                & (Q(max_discount=None) | Q(max_discount__gte=1))
                & (Q(min_spend=None) | Q(min_spend__gte=1))
                & Q(price_points__gte=0),
                name="voucher_campaign_limits",
            ),
            models.CheckConstraint(
                condition=Q(used__gte=0) & (Q(uses_total=None) | Q(used__lte=F("uses_total"))),
                name="voucher_campaign_used",
            ),
            models.CheckConstraint(
                condition=Q(claimed__gte=0, claimed__lte=F("codes_total")), name="voucher_campaign_claimed"
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="voucher_campaign_newest"),
            models.Index(fields=["status", "created_at", "id"], name="voucher_campaign_in_status"),
        ]


class CodeJob(models.Model):
    """The request for so many codes and how far it has come; `chunk` is the one to be made next."""

    id = models.UUIDField(primary_key=True, default=new_id)
    campaign = models.ForeignKey(VoucherCampaign, on_delete=models.PROTECT)
    count = models.IntegerField()
    done = models.IntegerField(default=0)
    chunk = models.IntegerField(default=0)
    state = models.CharField(max_length=10, default="queued")
    pattern = models.CharField(max_length=40)
    requested_by = models.UUIDField()
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, default="")

    class Meta:
        db_table = "voucher_code_job"
        constraints = [
            models.CheckConstraint(condition=Q(done__gte=0, done__lte=F("count")), name="voucher_code_job_done"),
            models.CheckConstraint(
                condition=(Q(state__in=["queued", "running"], finished_at=None))
                | Q(state="done", done=F("count"), finished_at__isnull=False)
                | Q(state__in=["cancelled", "failed"], finished_at__isnull=False),
                name="voucher_code_job_state",
            ),
        ]


class CodePattern(models.Model):
    """How many codes of a pattern there are or will be, of all jobs; a trigger of theirs writes it."""

    pattern = models.CharField(max_length=40, primary_key=True)
    codes = models.BigIntegerField()

    class Meta:
        db_table = "voucher_code_pattern"
        constraints = [models.CheckConstraint(condition=Q(codes__gte=0), name="voucher_code_pattern_codes")]
