"""The tables of the ledger: one wide row for each member and programme, and what explains it.

Every table but `account`, `lot` and the purchases is append-only. Rows are written by the posting
engine only (operations.py); `manage.py verify_ledger` proves that they fit together. Accounts, transactions, entries,
lots and allocations refuse at the end of each statement what does not fit, of other rows and of themselves (migration
0018): more than foreign keys and checks would, for a whole list at once instead of row by row (ADR 22). The functions
`ledger_post`, `ledger_post_many`, `ledger_give_unseen` and `ledger_take_unseen` write postings, whose rows fit by how
they are made (ADR 25, ADR 28, ADR 29).
"""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from points.programmes.models import Programme
from shared.ids import new_id


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
    available = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)
    pending = models.BigIntegerField(default=0)
    deficit = models.BigIntegerField(default=0)
    issued = models.BigIntegerField(default=0)
    redeemed = models.BigIntegerField(default=0)
    expired = models.BigIntegerField(default=0)
    adjusted = models.BigIntegerField(default=0)
    returned = models.BigIntegerField(default=0)
    version = models.BigIntegerField(default=0)
    merged_into = models.UUIDField(null=True)

    class Meta:
        db_table = "account"
        constraints = [
            models.UniqueConstraint(fields=["member_id", "programme"], name="account_once"),
        ]


class Transaction(models.Model):
    """One movement of a member's points, made of entries that sum to zero.

    `points` is how many moved and `change` what that did to the available ones; `version` is the number
    of its last entry. `source_key` names what it came from, so that the same cause has one effect.
    """

    id = models.UUIDField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    version = models.BigIntegerField()
    kind = models.CharField(max_length=16)
    points = models.BigIntegerField()
    change = models.BigIntegerField()
    balance_after = models.BigIntegerField()
    reference = models.CharField(max_length=100)
    reason = models.CharField(max_length=200)
    # None, not "": many have no key, and the keys are unique.
    source_key = models.CharField(max_length=320, null=True)  # noqa: DJ001
    reverses = models.ForeignKey("self", on_delete=models.PROTECT, null=True, db_index=False)
    actor_id = models.UUIDField(null=True)
    occurred_at = models.DateTimeField()
    posted_at = models.DateTimeField()

    class Meta:
        db_table = "points_transaction"
        constraints = [
            models.UniqueConstraint(fields=["account", "version"], name="transaction_version"),
            models.UniqueConstraint(
                fields=["source_key"], condition=Q(source_key__isnull=False), name="transaction_source"
            ),
            models.UniqueConstraint(
                fields=["reverses"], condition=Q(reverses__isnull=False), name="transaction_reversed_once"
            ),
        ]
        indexes = [BrinIndex(fields=["posted_at"], name="transaction_day", autosummarize=True)]


class Entry(models.Model):
    """One signed change of one bucket, numbered in its account without a gap, with the bucket's balance after it."""

    pk = models.CompositePrimaryKey("account_id", "version")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    version = models.BigIntegerField()
    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    bucket = models.CharField(max_length=9)
    points = models.BigIntegerField()
    balance_after = models.BigIntegerField()

    class Meta:
        db_table = "entry"


class Lot(models.Model):
    """Points that came together and end together; it has the id of the transaction that opened it, but for those of a
    transfer that end at different times: `opened_by` names the transaction of all but the last of them.

    `expires_at` is frozen at earning, but for activities of a sliding programme (`LotExtension`; a trigger refuses an
    earlier end): points can be spent up to, not at, that instant. `expires_on` is the last day as members are told it,
    before any grace; null where the end was named and not reckoned, which no activity moves. `number` is the
    transaction's version, which orders lots of the same end by age.
    """

    id = models.UUIDField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    number = models.BigIntegerField()
    points = models.BigIntegerField()
    remaining = models.BigIntegerField()
    active_from = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    expires_on = models.DateField(null=True)
    opened_by = models.ForeignKey(Transaction, on_delete=models.PROTECT, null=True, db_index=False, db_constraint=False)
    # A column of its own, so that the indexes need no change (HOT) while a lot is eaten bit by bit.
    is_open = models.GeneratedField(
        expression=Q(remaining__gt=0),  # type: ignore[arg-type]  # a condition is an expression; the stubs do not know
        output_field=models.BooleanField(),
        db_persist=True,
    )

    class Meta:
        db_table = "lot"
        constraints = [
            models.CheckConstraint(condition=Q(remaining__gte=0, remaining__lte=F("points")), name="lot_remaining"),
            models.CheckConstraint(condition=Q(points__gt=0), name="lot_points"),
        ]
        indexes = [
            models.Index(fields=["account", "expires_at", "number"], condition=Q(is_open=True), name="lot_spending"),
            models.Index(fields=["expires_at", "id"], condition=Q(is_open=True), name="lot_ending"),
            models.Index(fields=["opened_by"], condition=Q(opened_by__isnull=False), name="lot_opened_by"),
        ]


class LotExtension(models.Model):
    """A later end that an activity of the member gave a lot; `version` is the transaction's, and so orders them."""

    pk = models.CompositePrimaryKey("lot_id", "version")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, db_index=False)
    version = models.BigIntegerField()
    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT)
    previous_expires_at = models.DateTimeField()
    previous_expires_on = models.DateField()
    expires_at = models.DateTimeField()
    expires_on = models.DateField()

    class Meta:
        db_table = "lot_extension"
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("previous_expires_at")), name="lot_extension_is_later")
        ]


class Reinstatement(models.Model):
    """Points of an expiry that a person gave back, in a lot with a new end; `total` is how many of the `expired` ones
    were given back until then, this time's included."""

    transaction = models.OneToOneField(
        Transaction, on_delete=models.PROTECT, primary_key=True, related_name="reinstatement"
    )
    expiry = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="reinstatements", db_index=False)
    points = models.BigIntegerField()
    total = models.BigIntegerField()
    expired = models.BigIntegerField()

    class Meta:
        db_table = "reinstatement"
        constraints = [
            models.UniqueConstraint(fields=["expiry", "total"], name="reinstatement_step"),
            models.CheckConstraint(
                condition=Q(points__gt=0, total__gte=F("points"), total__lte=F("expired")),
                name="reinstatement_of_what_expired",
            ),
        ]


class ExpiryNotice(models.Model):
    """A member was told, so many days before, that points will end."""

    id = models.UUIDField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_index=False)
    expires_at = models.DateTimeField()
    expires_on = models.DateField()
    days = models.SmallIntegerField()
    points = models.BigIntegerField()
    told_at = models.DateTimeField()

    class Meta:
        db_table = "expiry_notice"
        constraints = [
            models.UniqueConstraint(fields=["account", "expires_at", "expires_on", "days"], name="expiry_notice_once"),
            models.CheckConstraint(
                condition=Q(points__gt=0, days__gt=0, told_at__lt=F("expires_at")), name="expiry_notice_in_time"
            ),
        ]


class NoticeRun(models.Model):
    """How far a programme's notices of so many days before are told: for points with a last day up to `until`."""

    pk = models.CompositePrimaryKey("programme_id", "days")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    days = models.SmallIntegerField()
    until = models.DateField()

    class Meta:
        db_table = "notice_run"


class ExpiryRun(models.Model):
    """The wish to expire what had ended by `as_of`, and how far it has come; `chunk` is the one to be done next, of
    lots after the one that it has `reached`, in the order of their ends.

    `total` lots were due when it was asked for; it ended `done` of them, with so many `points`. What others end
    meanwhile (the periodic job, another run) is not counted. For all programmes where none is named, and asked for by
    nobody where the periodic job began it.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, null=True, db_index=False)
    as_of = models.DateTimeField()
    total = models.BigIntegerField()
    done = models.BigIntegerField(default=0)
    points = models.BigIntegerField(default=0)
    chunk = models.BigIntegerField(default=0)
    reached_at = models.DateTimeField(null=True)
    reached_lot = models.UUIDField(null=True)
    state = models.CharField(max_length=10, default="queued")
    error = models.CharField(max_length=200, default="")
    requested_by = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "expiry_run"
        constraints = [
            # Each lot that ends has a point at least.
            models.CheckConstraint(
                condition=Q(total__gte=0, done__gte=0, points__gte=F("done"), chunk__gte=0), name="expiry_run_counts"
            ),
            models.CheckConstraint(condition=Q(as_of__lte=F("created_at")), name="expiry_run_of_the_past"),
            models.CheckConstraint(
                condition=Q(state="queued", started_at=None, finished_at=None, done=0)
                | Q(state="running", started_at__isnull=False, finished_at=None)
                | Q(state="done", started_at__isnull=False, finished_at__isnull=False)
                | Q(state="cancelled", finished_at__isnull=False)
                | Q(state="failed", started_at__isnull=False, finished_at__isnull=False) & ~Q(error=""),
                name="expiry_run_state",
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="expiry_run_newest"),
            models.Index(fields=["state", "created_at", "id"], name="expiry_run_in_state"),
        ]


class Allocation(models.Model):
    """How many points a transaction took from a lot; negative where it gave them back."""

    pk = models.CompositePrimaryKey("transaction_id", "lot_id")
    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    points = models.BigIntegerField()

    class Meta:
        db_table = "allocation"
        constraints = [models.CheckConstraint(condition=~Q(points=0), name="allocation_moves")]


class Hold(models.Model):
    """Points set aside until `expires_at`; it has the id of the transaction that took them from their lots.

    It moves once, from held to captured, voided or expired (a trigger refuses any other change but a later end):
    `captured` points were spent by the transaction `capture`, and what was not came back by `release`.
    """

    id = models.UUIDField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_index=False)
    points = models.BigIntegerField()
    state = models.CharField(max_length=8)
    captured = models.BigIntegerField()
    reference = models.CharField(max_length=100)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    capture = models.OneToOneField(Transaction, on_delete=models.PROTECT, null=True, related_name="captured_hold")
    release = models.OneToOneField(Transaction, on_delete=models.PROTECT, null=True, related_name="released_hold")

    class Meta:
        db_table = "hold"
        constraints = [
            models.CheckConstraint(condition=Q(points__gt=0, expires_at__gt=F("created_at")), name="hold_made"),
            models.CheckConstraint(
                condition=Q(
                    state="held", captured=0, closed_at__isnull=True, capture__isnull=True, release__isnull=True
                )
                | Q(state="captured", captured=F("points"), capture__isnull=False, release__isnull=True)
                & Q(closed_at__isnull=False)
                | Q(state="captured", captured__gt=0, captured__lt=F("points"), capture__isnull=False)
                & Q(closed_at__isnull=False, release__isnull=False)
                | Q(state__in=["voided", "expired"], captured=0, capture__isnull=True, release__isnull=False)
                & Q(closed_at__isnull=False),
                name="hold_state",
            ),
        ]
        indexes = [
            # Of a condition that only what looks for all that is over names: no account's are looked for by it.
            models.Index(fields=["expires_at"], condition=Q(state="held", captured=0), name="hold_over"),
            models.Index(fields=["account", "expires_at"], name="hold_by_account"),
        ]


class PendingPoints(models.Model):
    """Points that were earned and cannot be spent yet; they have the id of the transaction that earned them.

    At `due_at` they are activated, or cancelled where they wait for `on_event`. They close once, as activated or
    cancelled, by the transaction `closed_by` (a trigger refuses any other change but that less remains).
    """

    id = models.UUIDField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_index=False)
    points = models.BigIntegerField()
    remaining = models.BigIntegerField()
    activated = models.BigIntegerField()
    state = models.CharField(max_length=9)
    on_event = models.CharField(max_length=100)
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    reference = models.CharField(max_length=100)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Transaction, on_delete=models.PROTECT, null=True, db_index=False)

    class Meta:
        db_table = "pending_points"
        constraints = [
            models.CheckConstraint(
                condition=Q(points__gt=0, due_at__gt=F("created_at"))
                & (Q(expires_at__isnull=True) | Q(expires_at__gt=F("due_at"))),
                name="pending_made",
            ),
            models.CheckConstraint(
                condition=Q(state="pending", remaining__gt=0, remaining__lte=F("points"), activated=0)
                & Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(state="activated", remaining=0, activated__gt=0, activated__lte=F("points"))
                & Q(closed_at__isnull=False, closed_by__isnull=False)
                | Q(state="cancelled", remaining=0, activated=0, closed_at__isnull=False, closed_by__isnull=False),
                name="pending_state",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="pending", activated=0), name="pending_over"),  # as above
            models.Index(fields=["account", "due_at"], condition=Q(state="pending"), name="pending_of_account"),
            models.Index(fields=["account", "id"], name="pending_in_order"),
            models.Index(fields=["closed_by"], condition=Q(closed_by__isnull=False), name="pending_closed_by"),
        ]


class Purchase(models.Model):
    """A payment that was taken, or a purchase that a merchant told of by its own `reference`, and what it earned; also
    one that earned nothing, so that its return is known.

    `payment_id` is the payment's id, or one of our own. `returned` is the money given back so far, `points_returned`
    the points that this asked back, forgiven ones too, and `spent` the points that paid for it.
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

    class Meta:
        db_table = "purchase"
        indexes = [
            models.Index(fields=["member_id", "payment_id"], name="purchase_of_member"),
            # No other index orders those that no merchant told, so none that payments told is passed.
            models.Index(
                fields=["merchant_id", "payment_id"], condition=Q(reference__isnull=False), name="purchase_told_by"
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
                name="purchase_told",
            ),
            models.CheckConstraint(condition=Q(spent__gte=0), name="purchase_spent"),
            models.CheckConstraint(
                condition=Q(points_returned__gte=0, points_returned__lte=F("points")), name="purchase_points"
            ),
            models.CheckConstraint(condition=Q(returned__gte=0), name="purchase_returned"),
        ]


class PurchaseLine(models.Model):
    """One line of a purchase, its share of the points, and what was returned of it."""

    pk = models.CompositePrimaryKey("payment_id", "line_id")
    payment = models.ForeignKey(Purchase, on_delete=models.PROTECT, db_index=False)
    line_id = models.CharField(max_length=100)
    quantity = models.BigIntegerField()
    amount = models.BigIntegerField()
    points = models.BigIntegerField()
    quantity_returned = models.BigIntegerField(default=0)
    returned = models.BigIntegerField(default=0)
    points_returned = models.BigIntegerField(default=0)

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
    points that had paid came back, of which `expired` ended at once. `asked` is what the merchant's `return_id` named.
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
    asked = models.JSONField(null=True)
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


class AdjustmentRequest(models.Model):
    """An adjustment above its programme's limit, which waits for a second person; append-only."""

    id = models.UUIDField(primary_key=True)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    member_id = models.UUIDField()
    points = models.BigIntegerField()
    reference = models.CharField(max_length=100)
    reason = models.CharField(max_length=200)
    requested_by = models.UUIDField()
    requested_at = models.DateTimeField()

    class Meta:
        db_table = "adjustment_request"
        constraints = [
            models.CheckConstraint(condition=~Q(points=0), name="adjustment_request_points"),
            # For the decision, which repeats who asked, so that one row shows two persons.
            models.UniqueConstraint(fields=["id", "requested_by"], name="adjustment_request_by"),
        ]
        indexes = [models.Index(fields=["-requested_at", "-id"], name="adjustment_request_newest")]


class AdjustmentDecision(models.Model):
    """What a second person decided about an adjustment, once; append-only."""

    request = models.OneToOneField(AdjustmentRequest, on_delete=models.PROTECT, primary_key=True)
    requested_by = models.UUIDField()
    state = models.CharField(max_length=8)
    reason = models.CharField(max_length=200)
    transaction = models.OneToOneField(Transaction, on_delete=models.PROTECT, null=True)
    decided_by = models.UUIDField()
    decided_at = models.DateTimeField()

    class Meta:
        db_table = "adjustment_decision"
        constraints = [
            models.CheckConstraint(condition=~Q(decided_by=F("requested_by")), name="adjustment_by_two_persons"),
            models.CheckConstraint(
                condition=Q(state="approved", transaction__isnull=False)
                | Q(state="rejected", transaction__isnull=True),
                name="adjustment_decision_state",
            ),
        ]


class AdjustmentState(models.Model):
    """How an adjustment stands, so that those of one state are found; triggers of the two tables above write it."""

    request = models.OneToOneField(AdjustmentRequest, on_delete=models.PROTECT, primary_key=True)
    state = models.CharField(max_length=8)
    requested_at = models.DateTimeField()

    class Meta:
        db_table = "adjustment_state"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["pending", "approved", "rejected"]), name="adjustment_state_is_one"
            )
        ]
        indexes = [models.Index(fields=["state", "requested_at", "request"], name="adjustment_in_state")]


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


class DayTotalsTold(models.Model):
    """What was last told of a day's totals, so that only a change is told again."""

    day = models.DateField(primary_key=True)
    totals = models.JSONField()
    told_at = models.DateTimeField()

    class Meta:
        db_table = "day_totals_told"


class DayTotal(models.Model):
    """What was posted on a UTC day, of the transactions up to the reach; see `day_totals`."""

    pk = models.CompositePrimaryKey("day", "programme_id", "kind")
    day = models.DateField()
    programme_id = models.UUIDField()
    kind = models.CharField(max_length=16)
    count = models.BigIntegerField()
    total = models.BigIntegerField()

    class Meta:
        db_table = "day_total"


class DayTotalReach(models.Model):
    """How far the days are added up, in the order of `(xid, id)`: one row."""

    id_of_one = models.SmallIntegerField(primary_key=True)
    last_xid = models.BigIntegerField()
    last_id = models.UUIDField()

    class Meta:
        db_table = "day_total_reach"


class LotEnd(models.Model):
    """What of an open lot is counted in `LotEndTotal`, as of the reach: its points, and in which quarter it ends."""

    # No foreign key: it would lock the lot's row, which postings wait for.
    lot_id = models.UUIDField(primary_key=True)
    programme_id = models.UUIDField()
    slot = models.DateTimeField(null=True)
    day = models.DateField(null=True)
    points = models.BigIntegerField()

    class Meta:
        db_table = "lot_end"
        constraints = [models.CheckConstraint(condition=Q(points__gt=0), name="lot_end_points")]


class LotEndTotal(models.Model):
    """What ends in a quarter of an hour, by its end, of one programme and with one last day; see `lot_ends`.

    In no quarter: what never ends. `day` is null where a lot's last day was not reckoned.
    """

    programme_id = models.UUIDField()
    slot = models.DateTimeField(null=True)
    day = models.DateField(null=True)
    points = models.BigIntegerField()
    lots = models.BigIntegerField()

    class Meta:
        db_table = "lot_end_total"
        constraints = [
            models.UniqueConstraint(
                fields=["programme_id", "slot", "day"], nulls_distinct=False, name="lot_end_total_once"
            )
        ]


class LotEndReach(models.Model):
    """How far the ends of lots are counted, in the order of `(xid, id)`: one row."""

    id_of_one = models.SmallIntegerField(primary_key=True)
    last_xid = models.BigIntegerField()
    last_id = models.UUIDField()

    class Meta:
        db_table = "lot_end_reach"
