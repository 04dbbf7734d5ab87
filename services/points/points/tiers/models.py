"""The tables of tiers. Schemes and changes are append-only."""

from django.db import models
from django.db.models import F, Q

from points.programmes.models import Programme
from points.tiers.rules import Cause
from shared.ids import new_id


class TierScheme(models.Model):
    """What a programme says of its tiers from then on: `document` as `points.tiers.rules` reads it, days of `timezone`;
    append-only."""

    id = models.UUIDField(primary_key=True, default=new_id)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    version = models.IntegerField()
    document = models.JSONField()
    timezone = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    created_by = models.UUIDField()

    class Meta:
        db_table = "tier_scheme"
        constraints = [
            models.UniqueConstraint(fields=["programme", "version"], name="tier_scheme_version"),
            models.CheckConstraint(condition=Q(version__gt=0), name="tier_scheme_version_is"),
        ]


class TierProgress(models.Model):
    """How much of what counts for tiers a member has of a day of the scheme's time zone, less what was taken back."""

    pk = models.CompositePrimaryKey("programme", "member_id", "day")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    member_id = models.UUIDField()
    day = models.DateField()
    amount = models.BigIntegerField()

    class Meta:
        db_table = "tier_progress"
        constraints = [models.CheckConstraint(condition=Q(amount__gte=0), name="tier_progress_amount")]


class TierCounted(models.Model):
    """How much of a purchase or an event counts, where these count and not points, and on which day: what comes back of
    it takes that and no more. Of an order of a merchant one purchase counts."""

    source_id = models.UUIDField(primary_key=True)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    day = models.DateField()
    amount = models.BigIntegerField()
    merchant_id = models.UUIDField(null=True)
    order_id = models.CharField(max_length=128, null=True)  # noqa: DJ001 - none, of no merchant's

    class Meta:
        db_table = "tier_counted"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant_id", "order_id"], condition=Q(order_id__isnull=False), name="tier_counted_order"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="tier_counted_amount"),
        ]


class MemberTier(models.Model):
    """How a member stands (`points.tiers.rules.Standing`), once something was counted.

    `ends_at` is the instant at which the day `ends` begins, when the tier is next judged, or before it the end of a
    grace or of an override; `is_told` says whether it was looked at if the member is to be told of the end.
    """

    pk = models.CompositePrimaryKey("programme", "member_id")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    member_id = models.UUIDField()
    # None, not "": no tier is none.
    tier = models.CharField(max_length=64, null=True)  # noqa: DJ001
    floor = models.CharField(max_length=64, null=True)  # noqa: DJ001
    since = models.DateTimeField(null=True)
    cause = models.CharField(max_length=16)
    begins = models.DateField()
    ends = models.DateField()
    ends_at = models.DateTimeField()
    counts_from = models.DateField()
    anchor = models.DateField()
    changes = models.IntegerField()
    is_told = models.BooleanField(db_default=False)
    grace_until = models.DateField(null=True)
    grace_tier = models.CharField(max_length=64, null=True)  # noqa: DJ001
    # Of the period that ended last, where the floor is by that alone.
    last_begins = models.DateField(null=True)
    last_tier = models.CharField(max_length=64, null=True)  # noqa: DJ001 - none, where there was no tier
    last_floor = models.CharField(max_length=64, null=True)  # noqa: DJ001 - none, where there was no tier
    # Of the tier by hand that lasts: every posting asks.
    override_id = models.UUIDField(null=True)
    override_tier = models.CharField(max_length=64, null=True)  # noqa: DJ001
    override_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "member_tier"
        indexes = [
            models.Index(fields=["programme", "ends_at", "member_id"], name="member_tier_ends"),
            models.Index(
                fields=["programme", "ends", "member_id"], condition=Q(is_told=False), name="member_tier_untold"
            ),
        ]
        constraints = [models.CheckConstraint(condition=Q(begins__lt=F("ends")), name="member_tier_period")]


class TierOverride(models.Model):
    """A tier that an operator gave a member: until an instant, or until somebody ended it. A member has one at a time;
    one that nobody has noted as over yet is over all the same, as of `until`."""

    id = models.UUIDField(primary_key=True, default=new_id)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    member_id = models.UUIDField()
    tier = models.CharField(max_length=64)
    reason = models.CharField(max_length=200)
    until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.UUIDField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)

    class Meta:
        db_table = "tier_override"
        indexes = [models.Index(fields=["programme", "id"], name="tier_override_of_all")]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "member_id"], condition=Q(ended_at__isnull=True), name="tier_override_one"
            ),
            models.CheckConstraint(condition=Q(until__gt=F("created_at")), name="tier_override_until"),
        ]


class TierImport(models.Model):
    """Somebody let so many members begin with tiers that they had elsewhere; append-only."""

    id = models.UUIDField(primary_key=True, default=new_id)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    members = models.IntegerField()
    created_at = models.DateTimeField()
    created_by = models.UUIDField()

    class Meta:
        db_table = "tier_import"
        indexes = [models.Index(fields=["programme", "id"], name="tier_import_of_all")]
        constraints = [models.CheckConstraint(condition=Q(members__gte=0), name="tier_import_members")]


class TierChange(models.Model):
    """A change of a member's tier, numbered for each member and programme from 1; append-only."""

    pk = models.CompositePrimaryKey("programme", "member_id", "number")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    member_id = models.UUIDField()
    number = models.IntegerField()
    # None, not "": no tier is none.
    before = models.CharField(max_length=64, null=True)  # noqa: DJ001
    after = models.CharField(max_length=64, null=True)  # noqa: DJ001
    changed_at = models.DateTimeField()
    cause = models.CharField(max_length=16)
    reference = models.UUIDField(null=True)

    class Meta:
        db_table = "tier_change"
        indexes = [models.Index(fields=["programme", "member_id", "changed_at", "number"], name="tier_change_at")]
        constraints = [
            models.CheckConstraint(condition=Q(number__gt=0), name="tier_change_number"),
            models.CheckConstraint(condition=Q(cause__in=[str(one) for one in Cause]), name="tier_change_cause"),
        ]
