"""The tables of occasions: how rules judged each that earned (append-only), and up to which day birthdays were."""

from django.db import models
from django.db.models import Q

from points.programmes.models import Programme


class Occasion(models.Model):
    """What happened to a member and earned by rules, each once: of a trigger, by its `key` (the year of a birthday).

    `member_id` used the limits, in periods of `timezone`; `known` is what rules were told and `outcome` what each that
    was met gave, as of a purchase. One that would have earned and did not has no transaction, and says why.
    """

    id = models.UUIDField(primary_key=True)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    member_id = models.UUIDField()
    trigger = models.CharField(max_length=14)
    key = models.CharField(max_length=100)
    occurred_at = models.DateTimeField()
    rules_version = models.IntegerField()
    timezone = models.CharField(max_length=64)
    known = models.JSONField()
    outcome = models.JSONField()
    points = models.BigIntegerField()
    transaction_id = models.UUIDField(null=True)
    no_points_reason = models.CharField(max_length=60, null=True)  # noqa: DJ001 - none, where it earned

    class Meta:
        db_table = "occasion"
        constraints = [
            models.UniqueConstraint(fields=["member_id", "programme", "trigger", "key"], name="occasion_once"),
            models.UniqueConstraint(
                fields=["transaction_id"], condition=Q(transaction_id__isnull=False), name="occasion_transaction"
            ),
            models.CheckConstraint(
                condition=Q(points__gt=0, transaction_id__isnull=False, no_points_reason=None)
                | Q(points=0, transaction_id=None, no_points_reason__isnull=False),
                name="occasion_earned",
            ),
        ]


class BirthdayRun(models.Model):
    """How far a programme's birthdays were: all of days up to `until`, and of a `day` after it, of the birthday
    `number`, those of members up to the one `reached`."""

    programme = models.OneToOneField(Programme, on_delete=models.PROTECT, primary_key=True)
    until = models.DateField()
    day = models.DateField(null=True)
    number = models.SmallIntegerField(null=True)
    reached = models.UUIDField(null=True)

    class Meta:
        db_table = "birthday_run"
