"""Tables of vouchers. Every limit is a constraint of the row that counts towards it."""

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Replace

from shared.ids import new_id


class VoucherCampaign(models.Model):
    """What a voucher takes off an order, when, how often, and what it costs; with how far it has come.

    The terms are frozen when the campaign is activated (rules.EDITABLE says which fields stay open).
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
    """A payment, or a purchase told by its merchant, that an order with vouchers was paid by, until all of it was given
    back (`returned_at`). A release by the member after `paid_at` came too late: its message was under way."""

    pk = models.CompositePrimaryKey("payment_id", "order_id")
    payment_id = models.UUIDField()
    order = models.ForeignKey(VoucherOrder, on_delete=models.PROTECT)
    paid_at = models.DateTimeField()
    returned_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "voucher_order_payment"


class VoucherRedemption(models.Model):
    """One use of a voucher on an order, as it stands now; VoucherRedemptionEvent has how it came to that."""

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


class CodeJob(models.Model):
    """The wish for so many codes and how far it has come; `chunk` is the one to be made next."""

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


class FailedAttempt(models.Model):
    """An account named a code that is not its own or does not exist; kept for as long as it counts."""

    account_id = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        db_table = "voucher_failed_attempt"
        indexes = [
            models.Index(fields=["account_id", "-at"], name="voucher_failed_of_account"),
            models.Index(fields=["at"], name="voucher_failed_age"),
        ]
