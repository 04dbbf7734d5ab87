"""Accounts, and what is kept of members and persons."""

from django.db import models
from django.db.models import F, Q

from points.programmes.models import Programme


class Account(models.Model):
    """One member's points in one programme.

    The member's buckets (`available held pending deficit`) and the counter-accounts of the same
    points (`issued redeemed expired adjusted returned`) stand side by side, so that no row is shared
    by members and the sum of each row is zero. `version` is the number of the last entry. `merged_into` is whose the
    points are now, where the member was merged: then nothing is left, and nothing comes any more.
    """

    id = models.BigAutoField(primary_key=True)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    member_id = models.UUIDField()
    available = models.BigIntegerField(db_default=0)
    held = models.BigIntegerField(db_default=0)
    pending = models.BigIntegerField(db_default=0)
    deficit = models.BigIntegerField(db_default=0)
    issued = models.BigIntegerField(db_default=0)
    redeemed = models.BigIntegerField(db_default=0)
    expired = models.BigIntegerField(db_default=0)
    adjusted = models.BigIntegerField(db_default=0)
    returned = models.BigIntegerField(db_default=0)
    version = models.BigIntegerField(db_default=0)
    merged_into = models.UUIDField(null=True)

    class Meta:
        db_table = "account"
        constraints = [
            models.UniqueConstraint(fields=["member_id", "programme"], name="account_once"),
        ]


class PersonDayTotal(models.Model):
    """How many points a person moved by hand in a programme on a day of its zone, without a second person: earnings and
    adjustments, of either sign. Only counted where the programme has a limit; a batch of which nothing was posted may
    leave a day of none."""

    pk = models.CompositePrimaryKey("person_id", "programme_id", "day")
    person_id = models.UUIDField()
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    day = models.DateField()
    points = models.BigIntegerField()

    class Meta:
        db_table = "person_day_total"
        constraints = [models.CheckConstraint(condition=Q(points__gte=0), name="person_day_total_points")]


class MemberMerge(models.Model):
    """A member whose points are another's now, in every programme; append-only."""

    id = models.UUIDField(primary_key=True)
    from_member_id = models.UUIDField(unique=True)
    into_member_id = models.UUIDField()
    reason = models.CharField(max_length=200)
    merged_by = models.UUIDField()
    merged_at = models.DateTimeField()

    class Meta:
        db_table = "member_merge"
        indexes = [
            models.Index(fields=["merged_at", "id"], name="merge_newest"),
            models.Index(fields=["into_member_id", "merged_at", "id"], name="merge_into_newest"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(from_member_id=F("into_member_id")), name="merge_of_two_members"),
        ]
