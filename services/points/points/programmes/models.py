"""The table of programmes."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from points.programmes.rules.expiry import LONGEST_GRACE
from shared.ids import new_id


class Programme(models.Model):
    """One loyalty programme: its currency and time zone, what earns points, how long they live and what they are worth.

    Members earn `earn_points` for each `earn_amount` minor units paid; what is earned waits `pending_days` days until
    it can be spent, not at all when null. A lot ends as `expiry` says, else `lot_days` days after it was earned, never
    when both are null, and can be spent `grace_days` longer (`longest_grace` is the longest it ever was); members are
    told `notice_days` days before. An adjustment of more than `adjustment_limit` points needs a second person, none
    does when null. A return that asks back points that were spent does what `return_policy` says, where `arrears_cap`
    bounds what they can owe (nothing does when null). Members who never registered earn where `unknown_members` says
    `accept`. `value_points` are worth `value_amount` minor units. The default
    programme is the one meant where a request names none.
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
    pending_days = models.IntegerField(null=True)
    return_policy = models.CharField(max_length=12, db_default="arrears")
    arrears_cap = models.BigIntegerField(null=True)
    unknown_members = models.CharField(max_length=6, db_default="accept")
    value_points = models.BigIntegerField()
    value_amount = models.BigIntegerField()
    rounding = models.CharField(max_length=8)
    status = models.CharField(max_length=8)
    is_default = models.BooleanField()
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
            models.CheckConstraint(condition=Q(rounding="floor"), name="programme_rounding"),
            models.CheckConstraint(condition=Q(status__in=["active", "closed"]), name="programme_status"),
        ]
