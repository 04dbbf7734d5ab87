"""The tables of events, which only grow."""

from django.db import models
from django.db.models import Q

from points.programmes.models import Programme
from shared.ids import new_id


class Event(models.Model):
    """What happened to a member, and what it earned: an event that was told, by its sender's own `event_id`, a
    registration, or a birthday, once a `year`.

    The sender is a merchant, or whoever may give points in the programme. `no_points_reason` says why rules did not
    judge it, or gave more than the programme or the ledger lets anybody earn at once; `rules_version` is the version
    that did.
    """

    id = models.UUIDField(primary_key=True)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    trigger = models.CharField(max_length=12)
    merchant_id = models.UUIDField(null=True)
    event_id = models.CharField(max_length=100, null=True)  # noqa: DJ001 - none, where nobody told it
    name = models.CharField(max_length=40)
    member_id = models.UUIDField()
    year = models.SmallIntegerField(null=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    data = models.JSONField()
    points = models.BigIntegerField()
    transaction_id = models.UUIDField(null=True)
    no_points_reason = models.CharField(max_length=20, null=True)  # noqa: DJ001 - none, where rules judged it
    rules_version = models.IntegerField(null=True)

    class Meta:
        db_table = "event"
        indexes = [
            models.Index(fields=["member_id", "id"], name="event_of_member"),
            models.Index(fields=["programme", "id"], name="event_of_programme"),
            # No other index orders those that were told, so none of the others is passed.
            models.Index(fields=["merchant_id", "id"], condition=Q(event_id__isnull=False), name="event_recorded_by"),
            # Backtests read all of a programme along it, each member's in the order of their instants.
            models.Index(fields=["programme", "member_id", "occurred_at"], name="event_of_programmes_members"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "event_id", "merchant_id"],
                condition=Q(event_id__isnull=False),
                nulls_distinct=False,
                name="event_once",
            ),
            models.UniqueConstraint(
                fields=["programme", "member_id"], condition=Q(trigger="registration"), name="event_registered_once"
            ),
            models.UniqueConstraint(
                fields=["programme", "member_id", "year"], condition=Q(trigger="birthday"), name="event_birthday_once"
            ),
            models.CheckConstraint(
                condition=Q(trigger="event", event_id__isnull=False, year=None) & ~Q(name="")
                | Q(trigger="registration", event_id=None, merchant_id=None, name="", year=None)
                | Q(trigger="birthday", event_id=None, merchant_id=None, name="", year__isnull=False),
                name="event_by_trigger",
            ),
            models.CheckConstraint(
                condition=Q(points=0, transaction_id=None)
                | Q(points__gt=0, transaction_id__isnull=False, rules_version__isnull=False),
                name="event_points",
            ),
            models.CheckConstraint(
                condition=Q(rules_version=None, no_points_reason__isnull=False)
                | Q(rules_version__isnull=False, no_points_reason=None),
                name="event_judged",
            ),
        ]


class EventRules(models.Model):
    """How rules judged an event, whatever becomes of them, as `purchase_rules` says it of purchases."""

    event = models.OneToOneField(Event, on_delete=models.PROTECT, primary_key=True)
    member_id = models.UUIDField()
    timezone = models.CharField(max_length=64)
    known = models.JSONField()
    outcome = models.JSONField()

    class Meta:
        db_table = "event_rules"


class EventReversal(models.Model):
    """An event that earned nothing was taken back: what one earned is taken back by transactions."""

    event = models.OneToOneField(Event, on_delete=models.PROTECT, primary_key=True)
    id = models.UUIDField(default=new_id)
    reason = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    created_by = models.UUIDField()

    class Meta:
        db_table = "event_reversal"


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
