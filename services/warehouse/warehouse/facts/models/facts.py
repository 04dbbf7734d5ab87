"""The facts: what was, once each. Amounts are minor units."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models


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


class FactTierChange(models.Model):
    """A member came from one tier of a programme to another, by their codes; null is none. Partitioned by month of
    `changed_at`.

    Changes of a member are numbered from 1, whoever tells them and however often. The programme's tiers were in the
    order of the `version` (DimTier), and points noted it at `posted_at`; null is unknown.
    """

    pk = models.CompositePrimaryKey("programme_id", "member_id", "number", "changed_at")
    programme_id = models.UUIDField()
    member_id = models.UUIDField()
    number = models.IntegerField()
    changed_at = models.DateTimeField()
    date_key = models.IntegerField()
    member_key = models.BigIntegerField()
    programme_key = models.BigIntegerField()
    before = models.TextField(null=True)  # noqa: DJ001
    after = models.TextField(null=True)  # noqa: DJ001
    cause = models.TextField()
    reference = models.UUIDField(null=True)
    version = models.IntegerField(null=True)
    posted_at = models.DateTimeField(null=True)
    message_id = models.UUIDField()

    class Meta:
        db_table = "fact_tier_change"
        indexes = [
            models.Index(fields=["changed_at"], name="fact_tier_change_at"),
            models.Index(fields=["posted_at"], name="fact_tier_change_posted"),
        ]


class FactBudgetUse(models.Model):
    """What was used of a budget's period, in points or uses, by signed `change`: less than 0 where it was given back.
    Partitioned by month of `posted_at`.

    `each` is the merchant or member whose it is, where each has their own.
    """

    pk = models.CompositePrimaryKey("use_id", "budget_key", "period", "each", "posted_at")
    use_id = models.UUIDField()
    budget_key = models.BigIntegerField()
    period = models.TextField()
    each = models.TextField()
    posted_at = models.DateTimeField()
    date_key = models.IntegerField()
    change = models.BigIntegerField()
    message_id = models.UUIDField()

    class Meta:
        db_table = "fact_budget_use"
        indexes = [models.Index(fields=["posted_at"], name="fact_budget_use_at")]


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
