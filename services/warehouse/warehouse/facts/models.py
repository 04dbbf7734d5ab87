"""The star schema: what was (facts), about whom and when (dimensions). Amounts are minor units."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
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


class FactPointsEntry(models.Model):
    """One movement of one member's points; `change` is signed. Partitioned by month of `posted_at`.

    `kind` is earned, redeemed, expired, adjusted, returned, restored, sent, received, pending, activated, cancelled or
    reinstated. `rules` is how many rules gave its points, or had given what it took back.
    """

    pk = models.CompositePrimaryKey("transaction_id", "kind", "member_id", "posted_at")
    transaction_id = models.UUIDField()
    kind = models.TextField()
    member_id = models.UUIDField()
    posted_at = models.DateTimeField()
    date_key = models.IntegerField()
    member_key = models.BigIntegerField()
    programme_key = models.BigIntegerField()
    points = models.BigIntegerField()
    change = models.BigIntegerField()
    balance = models.BigIntegerField()
    deficit = models.BigIntegerField()
    reference = models.TextField()
    reason = models.TextField()
    occurred_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    message_id = models.UUIDField()
    rules = models.SmallIntegerField(db_default=0)

    class Meta:
        db_table = "fact_points_entry"
        indexes = [models.Index(fields=["posted_at"], name="fact_points_at")]


class FactPointsRule(models.Model):
    """What one rule gave of an entry (`kind` earned or pending), or had given of what it took back (returned).

    The points of an entry's rules add up to the entry's. `merchant_key` is where they were earned, as far as that is
    known. Partitioned by month of `posted_at`.
    """

    pk = models.CompositePrimaryKey("transaction_id", "kind", "rule_key", "posted_at")
    transaction_id = models.UUIDField()
    kind = models.TextField()
    rule_key = models.BigIntegerField()
    posted_at = models.DateTimeField()
    date_key = models.IntegerField()
    member_key = models.BigIntegerField()
    programme_key = models.BigIntegerField()
    merchant_key = models.BigIntegerField(null=True)
    points = models.BigIntegerField()
    message_id = models.UUIDField()

    class Meta:
        db_table = "fact_points_rule"
        indexes = [models.Index(fields=["posted_at"], name="fact_points_rule_at")]


class FactPaymentEvent(models.Model):
    """One thing that happened to a payment: captured, refunded or failed. Partitioned by month of `event_at`.

    `event_id` is the payment's id where captured, the refund's where refunded, and the message's where failed,
    because one payment may fail often.
    """

    pk = models.CompositePrimaryKey("event_id", "kind", "event_at")
    event_id = models.UUIDField()
    kind = models.TextField()
    event_at = models.DateTimeField()
    date_key = models.IntegerField()
    payment_id = models.UUIDField()
    member_key = models.BigIntegerField()
    merchant_key = models.BigIntegerField()
    amount = models.BigIntegerField()
    money_amount = models.BigIntegerField(null=True)
    currency = models.TextField()
    order_id = models.TextField()
    failure_code = models.TextField()
    message_id = models.UUIDField()

    class Meta:
        db_table = "fact_payment_event"
        indexes = [
            models.Index(fields=["event_at"], name="fact_payment_at"),
            models.Index(fields=["merchant_key", "event_at"], name="fact_payment_merchant"),
        ]


class FactWalletEntry(models.Model):
    """One entry of one wallet; `amount` is signed. Partitioned by month of `posted_at`."""

    pk = models.CompositePrimaryKey("entry_id", "posted_at")
    entry_id = models.UUIDField()
    posted_at = models.DateTimeField()
    date_key = models.IntegerField()
    wallet_id = models.UUIDField()
    member_key = models.BigIntegerField()
    kind = models.TextField()
    amount = models.BigIntegerField()
    currency = models.TextField()
    balance = models.BigIntegerField()
    message_id = models.UUIDField()

    class Meta:
        db_table = "fact_wallet_entry"
        indexes = [models.Index(fields=["posted_at"], name="fact_wallet_at")]


class FactVoucherEvent(models.Model):
    """One thing that happened to a voucher: issued, redeemed, released or cancelled. Partitioned by month of
    `event_at`.

    `event_id` is the voucher's id where issued or cancelled, else the redemption's.
    """

    pk = models.CompositePrimaryKey("event_id", "kind", "event_at")
    event_id = models.UUIDField()
    kind = models.TextField()
    event_at = models.DateTimeField()
    date_key = models.IntegerField()
    voucher_id = models.UUIDField()
    campaign_key = models.BigIntegerField()
    member_key = models.BigIntegerField()
    price_points = models.BigIntegerField(null=True)
    discount = models.BigIntegerField(null=True)
    currency = models.TextField()
    order_id = models.TextField()
    message_id = models.UUIDField()

    class Meta:
        db_table = "fact_voucher_event"
        indexes = [BrinIndex(fields=["event_at"], name="fact_voucher_time", pages_per_range=32)]


class MovementTotal(models.Model):
    """How many facts there are of a ledger (points, payments or wallets) and their sum, in a quarter of an hour.

    Triggers of the facts keep it, whoever writes them (movement_totals.sql, rule_totals.sql). `unit` is the currency
    and `about` the merchant or programme. Each payment counts twice: for its merchant, and for all of them, as `about`
    0. Wallets have `about` 0 alone. What a rule gave counts for the rule (`rules`), for the merchant, where one is
    known (`merchant_rules`, of which the rule is the unit), and for the programme (`programme_rules`): beside
    `entry_rules`, which are how many rules the entries of points name, and the points of these entries.
    Each total is the sum of its parts: writers at once add to different ones.
    """

    pk = models.CompositePrimaryKey("ledger", "about", "slot", "unit", "kind", "part")
    ledger = models.TextField()
    slot = models.DateTimeField()
    unit = models.TextField()
    about = models.BigIntegerField()
    kind = models.TextField()
    part = models.SmallIntegerField()
    count = models.BigIntegerField()
    amount = models.BigIntegerField()

    class Meta:
        db_table = "movement_total"
