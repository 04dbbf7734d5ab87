"""The tables of purchases. Returns and orders that have earned are append-only; of a purchase, its lines and its spends
only what was given back grows (migrations/0001_initial/purchases.sql)."""

from django.db import models
from django.db.models import F, Q

from points.ledger.models import Transaction
from points.programmes.models import Programme
from points.purchases.rules.purchases import MEMBER, MERCHANT


class Purchase(models.Model):
    """A payment that was taken, or a purchase that a merchant recorded by its own `reference`, and what it earned; also
    one that earned nothing, so that its return is known.

    `payment_id` is the payment's id, or one of our own. `no_points_reason` says why it earned nothing, where that is
    not its small amount. `returned` is the money given back so far, `points_returned`
    the points that this asked back, forgiven ones too, and `spent` the points that paid for it. `lines_by` says whose
    word its lines, channel, store and metadata are: the merchant's, or only the member's who paid. Texts are empty
    where nothing was said. `rules_version` is the version of the programme's rules that judged it, where one did.
    `of_budgets` is what it used of budgets where none did; these `cut` so many points of what plain terms gave, and
    `budget` is the code of the last that did. `cut` is null where rules judged it, and not known of older ones.
    """

    payment_id = models.UUIDField(primary_key=True)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, null=True, db_index=False)
    member_id = models.UUIDField()
    transaction_id = models.UUIDField(null=True)
    amount = models.BigIntegerField()
    points = models.BigIntegerField()
    returned = models.BigIntegerField(default=0)
    points_returned = models.BigIntegerField(default=0)
    reference = models.CharField(max_length=100, null=True)  # noqa: DJ001 - none, for a payment
    merchant_id = models.UUIDField(null=True)
    currency = models.CharField(max_length=3, null=True)  # noqa: DJ001 - not known of older ones
    money_amount = models.BigIntegerField(null=True)
    spent = models.BigIntegerField(db_default=0)
    occurred_at = models.DateTimeField(null=True)
    no_points_reason = models.CharField(max_length=20, null=True)  # noqa: DJ001 - none, where it earned
    channel = models.CharField(max_length=40)
    store = models.CharField(max_length=64)
    metadata = models.JSONField()
    lines_by = models.CharField(max_length=10)
    rules_version = models.IntegerField(null=True)
    of_budgets = models.JSONField(null=True)
    budget = models.CharField(max_length=64, null=True)  # noqa: DJ001 - none, where none cut
    cut = models.BigIntegerField(null=True)

    class Meta:
        db_table = "purchase"
        indexes = [
            models.Index(fields=["member_id", "payment_id"], name="purchase_of_member"),
            # Whether a member bought in a programme before is one look, whatever was bought elsewhere; backtests read
            # all of a programme along it, each member's in the order of their instants.
            models.Index(fields=["programme", "member_id", "occurred_at"], name="purchase_of_programme"),
            # No other index orders those that no merchant recorded, so none of payments is passed.
            models.Index(
                fields=["merchant_id", "payment_id"], condition=Q(reference__isnull=False), name="purchase_recorded_by"
            ),
            models.Index(
                fields=["reference", "payment_id"], condition=Q(reference__isnull=False), name="purchase_by_reference"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "reference", "merchant_id"],
                condition=Q(reference__isnull=False),
                nulls_distinct=False,
                name="purchase_reference",
            ),
            models.CheckConstraint(
                condition=Q(reference__isnull=True)
                | Q(programme__isnull=False, currency__isnull=False, occurred_at__isnull=False)
                & Q(money_amount__gte=0, money_amount__lte=F("amount"), returned__lte=F("amount")),
                name="purchase_recorded",
            ),
            models.CheckConstraint(condition=Q(spent__gte=0), name="purchase_spent"),
            models.CheckConstraint(
                condition=Q(points_returned__gte=0, points_returned__lte=F("points")), name="purchase_points"
            ),
            models.CheckConstraint(condition=Q(returned__gte=0), name="purchase_returned"),
            models.CheckConstraint(
                condition=Q(no_points_reason__isnull=True) | Q(points=0), name="purchase_no_points_reason"
            ),
            models.CheckConstraint(
                condition=Q(lines_by=MERCHANT) | Q(lines_by=MEMBER, reference__isnull=True), name="purchase_lines_by"
            ),
            models.CheckConstraint(
                condition=Q(budget__isnull=True, cut__isnull=True)
                | Q(budget__isnull=True, cut=0)
                | Q(budget__isnull=False, cut__isnull=False, cut__gt=0),
                name="purchase_cut",
            ),
        ]


class PurchaseRules(models.Model):
    """How rules judged a purchase, whatever becomes of them; append-only.

    `member_id` used their limits, in periods of `timezone`. `known` is what they were told beside the purchase's rows,
    and `outcome` what each that was met gave.
    """

    payment = models.OneToOneField(Purchase, on_delete=models.PROTECT, primary_key=True)
    member_id = models.UUIDField()
    timezone = models.CharField(max_length=64)
    known = models.JSONField()
    outcome = models.JSONField()

    class Meta:
        db_table = "purchase_rules"


class EarnedOrder(models.Model):
    """An order of a merchant that has earned, by the purchase that did, whoever recorded it; append-only.

    A recorded purchase is of the order that its own reference names.
    """

    pk = models.CompositePrimaryKey("merchant_id", "order_id")
    merchant_id = models.UUIDField()
    order_id = models.CharField(max_length=128)
    purchase_id = models.UUIDField()

    class Meta:
        db_table = "earned_order"


class PurchaseLine(models.Model):
    """One line of a purchase, its share of the points, and what was returned of it."""

    pk = models.CompositePrimaryKey("payment_id", "line_id")
    payment = models.ForeignKey(Purchase, on_delete=models.PROTECT, db_index=False)
    line_id = models.CharField(max_length=100)
    sku = models.CharField(max_length=64)
    category = models.CharField(max_length=64)
    brand = models.CharField(max_length=64)
    quantity = models.BigIntegerField()
    amount = models.BigIntegerField()
    points = models.BigIntegerField()
    quantity_returned = models.BigIntegerField(default=0)
    returned = models.BigIntegerField(default=0)
    points_returned = models.BigIntegerField(default=0)
    metadata = models.JSONField()

    class Meta:
        db_table = "purchase_line"
        constraints = [
            models.CheckConstraint(
                condition=Q(points_returned__gte=0, points_returned__lte=F("points")), name="purchase_line_points"
            ),
        ]


class PurchaseSpend(models.Model):
    """A redemption that paid for a purchase, once and for no other; `restored` of its points came back by returns."""

    redemption = models.OneToOneField(Transaction, on_delete=models.PROTECT, primary_key=True)
    payment = models.ForeignKey(Purchase, on_delete=models.PROTECT, db_index=False)
    points = models.BigIntegerField()
    restored = models.BigIntegerField(default=0)

    class Meta:
        db_table = "purchase_spend"
        constraints = [
            models.CheckConstraint(
                condition=Q(points__gt=0, restored__gte=0, restored__lte=F("points")), name="purchase_spend_points"
            ),
        ]
        indexes = [models.Index(fields=["payment"], name="purchase_spend_of")]


class PurchaseReturn(models.Model):
    """A refund or return that was acted on, so that it has its effect once; append-only.

    `points` were asked back: `own` came from the purchase's lot, `others` from other lots, `owed` became a deficit and
    `forgiven` were left to the member, as `policy` then said; none of these is known of older ones. `restored` of the
    points that had paid came back, of which `expired` ended at once. `request` is what the merchant's return named.
    """

    refund_id = models.UUIDField(primary_key=True)
    payment = models.ForeignKey(Purchase, on_delete=models.PROTECT, db_index=False)
    amount = models.BigIntegerField()
    points = models.BigIntegerField()
    returned_at = models.DateTimeField()
    own = models.BigIntegerField(null=True)
    others = models.BigIntegerField(null=True)
    owed = models.BigIntegerField(null=True)
    forgiven = models.BigIntegerField(null=True)
    policy = models.CharField(max_length=12, null=True)  # noqa: DJ001 - not known of older ones
    restored = models.BigIntegerField(db_default=0)
    expired = models.BigIntegerField(db_default=0)
    transaction = models.OneToOneField(Transaction, on_delete=models.PROTECT, null=True)
    return_id = models.CharField(max_length=100, null=True)  # noqa: DJ001 - none, for a refund
    reason = models.CharField(max_length=200, db_default="")
    request = models.JSONField(null=True)
    lines = models.JSONField(null=True)

    class Meta:
        db_table = "purchase_return"
        indexes = [models.Index(fields=["payment"], name="purchase_return_of")]
        constraints = [
            models.UniqueConstraint(
                fields=["payment", "return_id"], condition=Q(return_id__isnull=False), name="purchase_return_once"
            ),
            # One of them unknown, and so the whole: it was written by an older version.
            models.CheckConstraint(
                condition=Q(points=F("own") + F("others") + F("owed") + F("forgiven")), name="purchase_return_parts"
            ),
            models.CheckConstraint(
                condition=Q(own__gte=0, others__gte=0, owed__gte=0, forgiven__gte=0), name="purchase_return_signs"
            ),
            models.CheckConstraint(
                condition=Q(restored__gte=F("expired"), expired__gte=0), name="purchase_return_restored"
            ),
            models.CheckConstraint(
                condition=Q(policy="arrears")
                | Q(policy="floor_zero", owed=0)
                | Q(policy="pending_only", owed=0, others=0)
                | Q(policy__isnull=True),
                name="purchase_return_policy",
            ),
        ]


class ReturnRules(models.Model):
    """What a return took back of which rule, and of which limit; append-only."""

    refund_id = models.UUIDField(primary_key=True)
    taken = models.JSONField()

    class Meta:
        db_table = "return_rules"
