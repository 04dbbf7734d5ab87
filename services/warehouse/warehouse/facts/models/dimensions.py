"""About whom, what and when facts are."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class DimDate(models.Model):
    """One calendar day, made once for 2000 to 2100; `date_key` is its digits, as in 20261123."""

    date_key = models.IntegerField(primary_key=True)
    day = models.DateField(unique=True)
    year = models.SmallIntegerField()
    quarter = models.SmallIntegerField()
    month = models.SmallIntegerField()
    iso_year = models.SmallIntegerField()
    iso_week = models.SmallIntegerField()
    weekday = models.SmallIntegerField()
    month_start = models.DateField()
    week_start = models.DateField()

    class Meta:
        # Content of the schema rather than of the day: no test and no flush may empty it.
        managed = False
        db_table = "dim_date"


class DimMember(models.Model):
    """One version of a member: how they were from `valid_from` until `valid_to` (type 2).

    The first version reaches back to the year 1, so that every fact finds one; the last until 9999.
    `is_inferred` rows were made by a fact that came before the member's registration, and are filled in by it.
    `deactivated_at` is when the member was shut out, for good.
    """

    member_key = models.BigAutoField(primary_key=True)
    member_id = models.UUIDField()
    roles = ArrayField(models.TextField())
    merchant_id = models.UUIDField(null=True)
    registered_at = models.DateTimeField(null=True)
    deactivated_at = models.DateTimeField(null=True)
    is_inferred = models.BooleanField()
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()

    class Meta:
        db_table = "dim_member"
        constraints = [
            models.UniqueConstraint(fields=["member_id", "valid_from"], name="dim_member_version"),
            models.UniqueConstraint(fields=["member_id", "valid_to"], name="dim_member_end"),
            models.CheckConstraint(condition=models.Q(valid_from__lt=models.F("valid_to")), name="dim_member_order"),
        ]


class DimMerchant(models.Model):
    """A merchant; inferred until `merchant_created` has come."""

    merchant_key = models.BigAutoField(primary_key=True)
    merchant_id = models.UUIDField(unique=True)
    name = models.TextField()
    created_at = models.DateTimeField(null=True)
    is_inferred = models.BooleanField()

    class Meta:
        db_table = "dim_merchant"


class DimProgramme(models.Model):
    """A programme as it was last said to be; inferred until `programme_changed` has come."""

    programme_key = models.BigAutoField(primary_key=True)
    programme_id = models.UUIDField(unique=True)
    name = models.TextField()
    currency = models.TextField()
    timezone = models.TextField()
    value_points = models.BigIntegerField(null=True)
    value_amount = models.BigIntegerField(null=True)
    changed_at = models.DateTimeField(null=True)
    is_inferred = models.BooleanField()

    class Meta:
        db_table = "dim_programme"


class DimCampaign(models.Model):
    """A voucher campaign as it was last said to be; inferred until `voucher_campaign_changed` has come."""

    campaign_key = models.BigAutoField(primary_key=True)
    campaign_id = models.UUIDField(unique=True)
    name = models.TextField()
    kind = models.TextField()
    status = models.TextField()
    changed_at = models.DateTimeField(null=True)
    is_inferred = models.BooleanField()

    class Meta:
        db_table = "dim_campaign"


class DimRule(models.Model):
    """A rule as a version of its programme's rules has it, which never changes: only when that version counts does.

    It is active from `starts_at` until `ends_at` (for ever, when null); one that was taken back before its start never
    is. `trigger` and `effect` say in words what it does. Inferred until `rule_changed` has come.
    """

    rule_key = models.BigAutoField(primary_key=True)
    programme_id = models.UUIDField()
    rule_id = models.TextField()
    version = models.IntegerField()
    name = models.TextField()
    trigger = models.TextField()
    effect = models.TextField()
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(null=True)
    is_inferred = models.BooleanField()

    class Meta:
        db_table = "dim_rule"
        constraints = [
            models.UniqueConstraint(fields=["programme_id", "rule_id", "version"], name="dim_rule_version"),
        ]


class DimBudget(models.Model):
    """A budget as it was last said to be, by the message `changed_by`; inferred until `budget_changed` has come.

    `of` is `points`, `money` (`value_points` are worth `value_amount` of it; null where money itself is counted, of a
    campaign) or `uses`, and `most` so many of these.
    """

    budget_key = models.BigAutoField(primary_key=True)
    budget_id = models.UUIDField(unique=True)
    programme_id = models.UUIDField(null=True)
    code = models.TextField()
    name = models.TextField()
    rule_id = models.TextField(null=True)  # noqa: DJ001 - none, of a budget on no rule
    campaign_id = models.UUIDField(null=True)
    of = models.TextField()
    most = models.BigIntegerField(null=True)
    per = models.TextField()
    each = models.TextField(null=True)  # noqa: DJ001 - none, of a budget for all together
    beyond = models.TextField()
    value_points = models.BigIntegerField(null=True)
    value_amount = models.BigIntegerField(null=True)
    changed_at = models.DateTimeField(null=True)
    changed_by = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)
    is_inferred = models.BooleanField()

    class Meta:
        db_table = "dim_budget"
        indexes = [models.Index(fields=["programme_id", "code"], name="dim_budget_code")]


class DimTier(models.Model):
    """A tier as a version of what its programme says of tiers has it, which never changes; `level` 1 is the lowest.

    The version counts from `valid_from` until the next one does.
    """

    pk = models.CompositePrimaryKey("programme_id", "version", "code")
    programme_id = models.UUIDField()
    version = models.IntegerField()
    code = models.TextField()
    name = models.TextField()
    level = models.SmallIntegerField()
    enter = models.BigIntegerField()
    stay = models.BigIntegerField()
    metric = models.TextField()
    event = models.TextField(null=True)  # noqa: DJ001 - none, where no events count
    field = models.TextField(null=True)  # noqa: DJ001 - none, where no field counts
    valid_from = models.DateTimeField()
    changed_by = models.UUIDField()

    class Meta:
        db_table = "dim_tier"
        constraints = [models.UniqueConstraint(fields=["programme_id", "version", "level"], name="dim_tier_order")]


class DimMemberTier(models.Model):
    """One version of a member's tier in a programme: from `valid_from` until `valid_to`, null for the current (type 2).

    A view of `fact_tier_change`, so that no order of arrival makes another history. A null `tier` is none.
    """

    pk = models.CompositePrimaryKey("programme_id", "member_id", "number")
    programme_id = models.UUIDField()
    member_id = models.UUIDField()
    number = models.IntegerField()
    programme_key = models.BigIntegerField()
    member_key = models.BigIntegerField()
    tier = models.TextField(null=True)  # noqa: DJ001
    cause = models.TextField()
    reference = models.UUIDField(null=True)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "dim_member_tier"
