"""The tables of earning: versions of rules, the types of a programme's own keys, and what members used of limits."""

from django.db import models
from django.db.models import F, Q

from points.earning.rules import Rounding
from points.programmes.models import Programme
from shared.ids import new_id

# All of them, or none.
_OF_ACTIVATION = [f"{name}__isnull" for name in ("schema", "rounding", "starts_at", "activated_at", "activated_by")]
_ROUNDINGS = [rounding.value for rounding in Rounding]
_EXISTS = Q(retires_at=None) | Q(retires_at__gt=F("starts_at"))


class RuleSet(models.Model):
    """A version of a programme's rules: a draft until it is activated, and then never changed.

    It counts from `starts_at` until the next version starts, or `retires_at` where that is earlier: whatever is written
    here, one version at most is active at an instant. One that retires before it starts never counts. `schema` and
    `rounding` are the programme's at its activation; a draft has none, and is read by those of today.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    version = models.IntegerField()
    document = models.JSONField()
    schema = models.JSONField(null=True)
    rounding = models.CharField(max_length=8, null=True)  # noqa: DJ001 - none, of a draft
    created_at = models.DateTimeField()
    created_by = models.UUIDField()
    changed_at = models.DateTimeField()
    changed_by = models.UUIDField()
    activated_at = models.DateTimeField(null=True)
    activated_by = models.UUIDField(null=True)
    starts_at = models.DateTimeField(null=True)
    retires_at = models.DateTimeField(null=True)
    retired_by = models.UUIDField(null=True)

    class Meta:
        db_table = "rule_set"
        constraints = [
            models.UniqueConstraint(fields=["programme", "version"], name="rule_set_version"),
            models.UniqueConstraint(fields=["programme", "starts_at"], condition=_EXISTS, name="rule_set_one_starts"),
            models.CheckConstraint(condition=Q(version__gt=0), name="rule_set_version_is_one"),
            models.CheckConstraint(
                condition=Q(**dict.fromkeys(_OF_ACTIVATION, True))
                | Q(**dict.fromkeys(_OF_ACTIVATION, False), rounding__in=_ROUNDINGS, starts_at__gte=F("activated_at")),
                name="rule_set_activated",
            ),
            models.CheckConstraint(
                condition=Q(retires_at=None, retired_by=None)
                | Q(retires_at__isnull=False, retires_at__gte=F("changed_at"), retired_by__isnull=False),
                name="rule_set_retired",
            ),
        ]


class RuleSchema(models.Model):
    """The types of a programme's own keys, in metadata, attributes of members and data of events."""

    programme = models.OneToOneField(Programme, on_delete=models.PROTECT, primary_key=True)
    types = models.JSONField()
    changed_at = models.DateTimeField()
    changed_by = models.UUIDField()

    class Meta:
        db_table = "rule_schema"


class CountedMember(models.Model):
    """A member whose purchases are judged one after the other in a programme: whoever judges one locks this row."""

    pk = models.CompositePrimaryKey("member_id", "programme")
    member_id = models.UUIDField()
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)

    class Meta:
        db_table = "counted_member"


class RuleCounter(models.Model):
    """How often a member used a rule in a period, or how many points it gave then (`of`), for the rule's limits.

    A rule is known by its id, whatever version it stands in. Of members who were merged each keeps what it used; the
    person is asked for the sum.
    """

    pk = models.CompositePrimaryKey("member_id", "programme", "period", "rule_id", "of")
    member_id = models.UUIDField()
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    period = models.CharField(max_length=10)
    rule_id = models.CharField(max_length=64)
    of = models.CharField(max_length=6)
    count = models.BigIntegerField()

    class Meta:
        db_table = "rule_counter"
        constraints = [models.CheckConstraint(condition=Q(count__gte=0), name="rule_counter_count")]
