"""The table of programmes."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from points.programmes.rules import MAX_AMOUNT, MAX_POINTS_PER_PURCHASE, MAX_PURCHASE_AGE_DAYS, MOST_MERCHANTS
from points.programmes.rules.expiry import LONGEST_GRACE
from shared.ids import new_id


class Programme(models.Model):
    """One loyalty programme: its currency and time zone, what earns points, how long they live and what they are worth.

    Members earn `earn_points` for each `earn_amount` minor units paid; what is earned waits `pending_days` days until
    it can be spent, not at all when null. A lot ends as `expiry` says, else `lot_days` days after it was earned, never
    when both are null, and can be spent `grace_days` longer (`longest_grace` is the longest it ever was); members are
    told `notice_days` days before. What a person moves by hand beyond `adjustment_limit` points a day needs a second
    one, nothing does when null. A return that asks back points that were spent does what `return_policy` says, where
    `arrears_cap` bounds what they can owe (nothing does when null). Members who never registered earn where
    `unknown_members` says `accept`. A purchase earns where its merchant is among `merchants` (any merchant when null),
    costs at most `max_amount` minor units, earns at most `max_points_per_purchase` and, where it is told, is at most
    `max_purchase_age_days` old. `value_points` are worth `value_amount` minor units. Rules round as `rounding` says,
    and nothing else does. `has_tiers` is what postings ask before anything of tiers. The default programme is the one
    meant where a request names none.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    name = models.CharField(max_length=100)
    currency = models.CharField(max_length=3)
    timezone = models.CharField(max_length=64)
    earn_points = models.BigIntegerField()
    earn_amount = models.BigIntegerField()
    lot_days = models.IntegerField(null=True)
    expiry = models.JSONField(null=True)
    grace_days = models.SmallIntegerField(db_default=0)
    longest_grace = models.SmallIntegerField(db_default=0)
    notice_days = ArrayField(models.SmallIntegerField(), db_default=[])
    adjustment_limit = models.BigIntegerField(null=True)
    limit_raised_by = models.UUIDField(null=True)
    limit_before = models.BigIntegerField(null=True)
    pending_days = models.IntegerField(null=True)
    return_policy = models.CharField(max_length=12, db_default="arrears")
    arrears_cap = models.BigIntegerField(null=True)
    unknown_members = models.CharField(max_length=6, db_default="accept")
    merchants = ArrayField(models.UUIDField(), null=True)
    max_points_per_purchase = models.BigIntegerField(db_default=MAX_POINTS_PER_PURCHASE)
    max_amount = models.BigIntegerField(db_default=MAX_AMOUNT)
    max_purchase_age_days = models.IntegerField(db_default=MAX_PURCHASE_AGE_DAYS)
    value_points = models.BigIntegerField()
    value_amount = models.BigIntegerField()
    rounding = models.CharField(max_length=8)
    status = models.CharField(max_length=8)
    is_default = models.BooleanField()
    has_tiers = models.BooleanField(db_default=False)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "programme"
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="programme_one_default"),
            models.CheckConstraint(
                condition=Q(earn_points__gt=0, earn_amount__gt=0, value_points__gt=0, value_amount__gt=0),
                name="programme_positive",
            ),
            models.CheckConstraint(condition=Q(lot_days__gt=0) | Q(lot_days=None), name="programme_lot_days"),
            models.CheckConstraint(condition=Q(lot_days=None) | Q(expiry__isnull=True), name="programme_one_expiry"),
            models.CheckConstraint(
                condition=Q(grace_days__gte=0, grace_days__lte=F("longest_grace"), longest_grace__lte=LONGEST_GRACE),
                name="programme_grace",
            ),
            models.CheckConstraint(
                condition=Q(adjustment_limit__gte=0) | Q(adjustment_limit=None), name="programme_adjustment_limit"
            ),
            models.CheckConstraint(
                condition=Q(pending_days__gt=0) | Q(pending_days=None), name="programme_pending_days"
            ),
            models.CheckConstraint(
                condition=Q(return_policy__in=["pending_only", "floor_zero", "arrears"]), name="programme_return_policy"
            ),
            models.CheckConstraint(condition=Q(arrears_cap__gte=0) | Q(arrears_cap=None), name="programme_arrears_cap"),
            models.CheckConstraint(
                condition=Q(unknown_members__in=["accept", "refuse"]), name="programme_unknown_members"
            ),
            models.CheckConstraint(
                condition=Q(max_points_per_purchase__gt=0, max_amount__gt=0, max_purchase_age_days__gt=0),
                name="programme_bounds",
            ),
            models.CheckConstraint(
                condition=Q(merchants=None) | Q(merchants__len__lte=MOST_MERCHANTS), name="programme_merchants"
            ),
            models.CheckConstraint(condition=Q(rounding__in=["floor", "half_up", "ceil"]), name="programme_rounding"),
            models.CheckConstraint(condition=Q(status__in=["active", "closed"]), name="programme_status"),
        ]
