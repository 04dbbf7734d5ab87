"""What the ledger's requests must look like, and how its answers do."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from rest_framework import serializers

from points.ledger.adjustments import Adjustment
from points.ledger.merges import Merge, Moved
from points.ledger.models import Account, Lot
from points.ledger.operations import Transfer
from points.ledger.queries import Balance
from points.ledger.rules import pending as rules
from points.ledger.rules.holds import state_of
from points.ledger.rules.values import BUCKETS, Expiring, Hold, HoldState, Kind, Pending, PendingState, Posted
from points.programmes.rules import LONGEST_WAIT
from points.programmes.rules.expiry import day_told
from shared.blanks import BlankRows, in_json
from shared.http.fields import LARGEST_POINTS, Body, Choice, Flag, Identifier, PageQuery, Points, Text, WholeNumber
from shared.http.pages import page_of
from shared.http.times import DAY_OR_INSTANT, DayOrInstant, Future, Instant, Past

# What an earning may be told to wait for.
WAITS = ({"in_days"}, {"at"}, {"on_event", "deadline"})
LONGEST_HOLD = 30 * 24 * 3600
_BLANK: dict[str, Any] = {"allow_blank": True, "default": ""}


class NewWait(Body):
    """What points wait for: so many days, an instant, or an event until a deadline; exactly one of the three."""

    in_days = WholeNumber(min_value=0, max_value=LONGEST_WAIT, required=False)
    at = Future(required=False)
    on_event = Text(max_length=100, required=False)
    deadline = Future(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse none and two of them, and an event without its deadline."""
        if set(attrs) not in WAITS:
            raise serializers.ValidationError("Give `in_days`, or `at`, or `on_event` with its `deadline`.", "invalid")
        return attrs


class NewEarning(Body):
    """Points to give a member; their end is the programme's unless `expires_at` is given.

    They are pending as `activates` says, or the programme where it is left out; `{"in_days": 0}` is at once.
    """

    member_id = Identifier()
    programme = Identifier(required=False)
    points = Points()
    reason = Text(max_length=200)
    reference = Text(max_length=100, **_BLANK)
    occurred_at = Past(required=False)
    expires_at = Future(required=False)
    activates = NewWait(required=False)


class NewRedemption(Body):
    """Points to spend; a member's own where `member_id` is left out."""

    member_id = Identifier(required=False)
    programme = Identifier(required=False)
    points = Points()
    reason = Text(max_length=200)
    reference = Text(max_length=100, **_BLANK)


class NewAdjustment(Body):
    """A correction by a person, with its reason; negative points are taken away."""

    member_id = Identifier()
    programme = Identifier(required=False)
    points = WholeNumber(min_value=-LARGEST_POINTS, max_value=LARGEST_POINTS)
    reason = Text(max_length=200)
    reference = Text(max_length=100, **_BLANK)

    def validate_points(self, points: int) -> int:
        """Refuse zero."""
        if not points:
            raise serializers.ValidationError("Zero corrects nothing.", "zero")
        return points


class NewHold(Body):
    """Points to set aside for so many seconds; a member's own where `member_id` is left out."""

    member_id = Identifier(required=False)
    programme = Identifier(required=False)
    points = Points()
    reference = Text(max_length=100)
    expires_in = WholeNumber(min_value=1, max_value=LONGEST_HOLD, default=900)


class NewCapture(Body):
    """How many points of a hold to spend, all where left out; the rest goes back."""

    points = Points(required=False)


class NewEnd(Body):
    """In how many seconds from now a hold is to end; never earlier than before."""

    expires_in = WholeNumber(min_value=1, max_value=LONGEST_HOLD)


class NoBody(Body):
    """Nothing needs to be said."""


class NewDecision(Body):
    """Why an adjustment is approved or rejected."""

    reason = Text(max_length=200, **_BLANK)


class NewActivation(Body):
    """An event of a member: activates the points that wait for it, those of one earning's reference or all."""

    member_id = Identifier()
    programme = Identifier(required=False)
    event = Text(max_length=100)
    reference = Text(max_length=100, required=False)


class NewPendingMove(Body):
    """Why pending points are activated or cancelled by hand."""

    reason = Text(max_length=200, **_BLANK)


class NewTransfer(Body):
    """Points to give another member; one's own where `from_member_id` is left out."""

    from_member_id = Identifier(required=False)
    to_member_id = Identifier()
    programme = Identifier(required=False)
    points = Points()
    reason = Text(max_length=200)


class NewMerge(Body):
    """Two members who are one person; `void_holds` gives back what is set aside of the first."""

    from_member_id = Identifier()
    into_member_id = Identifier()
    reason = Text(max_length=200)
    void_holds = Flag(default=False)


class NewReversal(Body):
    """Why a transaction is undone."""

    reason = Text(max_length=200, **_BLANK)


class BalanceQuery(Body):
    """Which balance: in which programme, and when (now, where `at` is left out)."""

    programme = Identifier(required=False)
    at = Past(required=False)


class TransactionsQuery(PageQuery):
    """Which transactions: whose, of which kind, posted from (inclusive) and to (exclusive) when.

    Where an operator names no member, everybody's: of all programmes, unless one is named.
    """

    member_id = Identifier(required=False)
    programme = Identifier(required=False)
    kind = Choice(choices=[kind.value for kind in Kind], required=False)
    reference = Text(max_length=100, required=False)

    def get_fields(self) -> dict[str, Any]:
        """Add `from` and `to`, which Python does not take as names."""
        first = DayOrInstant(required=False, help_text=f"of `created_at`, inclusive: {DAY_OR_INSTANT}")
        last = DayOrInstant(required=False, help_text=f"of `created_at`, exclusive: {DAY_OR_INSTANT}")
        return super().get_fields() | {"from": first, "to": last}


class PendingQuery(PageQuery):
    """Which pending points: whose (an operator who names nobody: everybody's), and in which state.

    Those that wait, where none is named.
    """

    member_id = Identifier(required=False)
    programme = Identifier(required=False)
    state = Choice(choices=[state.value for state in PendingState], default="pending")


class LotsQuery(PageQuery):
    """Which lots: whose (an operator who names nobody: everybody's)."""

    member_id = Identifier(required=False)
    programme = Identifier(required=False)


class AdjustmentsQuery(PageQuery):
    """Which adjustments: those in one state, or all."""

    state = Choice(choices=["pending", "approved", "rejected"], required=False)


class MergesQuery(PageQuery):
    """Which merges: those that a member is part of, on either side, or all."""

    member_id = Identifier(required=False)


class EntryAnswer(serializers.Serializer[Any]):
    """One signed change of one bucket."""

    bucket = serializers.ChoiceField(choices=BUCKETS)
    points = serializers.IntegerField()
    balance_after = serializers.IntegerField()

    class Meta:
        ref_name = "Entry"


class LotAnswer(serializers.Serializer[Any]):
    """Points that came together; `remaining` can be spent until `expires_at` (for ever, when null). `expires_on` is the
    last day before the programme's grace."""

    id = serializers.UUIDField()
    member_id = serializers.UUIDField()
    programme = serializers.UUIDField()
    points = serializers.IntegerField()
    remaining = serializers.IntegerField()
    active_from = Instant()
    expires_at = Instant(allow_null=True)
    expires_on = serializers.DateField(allow_null=True)

    class Meta:
        ref_name = "Lot"


class LotPartAnswer(serializers.Serializer[Any]):
    """What a transaction did to a lot: positive where the lot got points. The end is the lot's as it is now.

    `expires_on` is null where the end was named and not reckoned by the programme.
    """

    lot_id = serializers.UUIDField()
    points = serializers.IntegerField()
    expires_at = Instant(allow_null=True)
    expires_on = serializers.DateField(allow_null=True)

    class Meta:
        ref_name = "LotPart"


class TransactionAnswer(serializers.Serializer[Any]):
    """A transaction; `points` moved, `change` is what that did to the available points."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=[kind.value for kind in Kind])
    member_id = serializers.UUIDField()
    programme = serializers.UUIDField()
    points = serializers.IntegerField()
    change = serializers.IntegerField()
    balance_after = serializers.IntegerField()
    reference = serializers.CharField()
    reason = serializers.CharField()
    occurred_at = Instant()
    created_at = Instant()
    entries = EntryAnswer(many=True)
    lots = LotPartAnswer(many=True)

    class Meta:
        ref_name = "Transaction"


class HoldAnswer(serializers.Serializer[Any]):
    """Points set aside; `captured` of them were spent by `capture_id`, and the rest came back by `release_id`."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=[state.value for state in HoldState])
    member_id = serializers.UUIDField()
    programme = serializers.UUIDField()
    points = serializers.IntegerField()
    captured = serializers.IntegerField()
    reference = serializers.CharField()
    expires_at = Instant()
    created_at = Instant()
    closed_at = Instant(allow_null=True)
    capture_id = serializers.UUIDField(allow_null=True)
    release_id = serializers.UUIDField(allow_null=True)

    class Meta:
        ref_name = "Hold"


class PendingAnswer(serializers.Serializer[Any]):
    """Points that were earned and wait; it has the id of the transaction that earned them.

    They are activated at `activates_at`, or at `on_event` and cancelled at `deadline`. `remaining` is what returns have
    left of them, `activated` how many became available.
    """

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=[state.value for state in PendingState])
    member_id = serializers.UUIDField()
    programme = serializers.UUIDField()
    points = serializers.IntegerField()
    remaining = serializers.IntegerField()
    activated = serializers.IntegerField()
    reference = serializers.CharField()
    activates_at = Instant(allow_null=True)
    on_event = serializers.CharField(allow_null=True)
    deadline = Instant(allow_null=True)
    expires_at = Instant(allow_null=True)
    created_at = Instant()
    closed_at = Instant(allow_null=True)
    closed_by = serializers.UUIDField(allow_null=True)

    class Meta:
        ref_name = "Pending"


class ActivationsAnswer(serializers.Serializer[Any]):
    """The transactions that an event activated points by; none where nothing waited for it."""

    activated = TransactionAnswer(many=True)

    class Meta:
        ref_name = "Activations"


class AdjustmentAnswer(serializers.Serializer[Any]):
    """An adjustment above the programme's limit: it waits for a second person, or was decided by one."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=["pending", "approved", "rejected"])
    member_id = serializers.UUIDField()
    programme = serializers.UUIDField()
    points = serializers.IntegerField()
    reference = serializers.CharField()
    reason = serializers.CharField()
    requested_by = serializers.UUIDField()
    requested_at = Instant()
    decision_reason = serializers.CharField()
    transaction_id = serializers.UUIDField(allow_null=True)
    decided_by = serializers.UUIDField(allow_null=True)
    decided_at = Instant(allow_null=True)

    class Meta:
        ref_name = "Adjustment"


AdjustmentPage = page_of(AdjustmentAnswer)


class TransferAnswer(serializers.Serializer[Any]):
    """Points that were given; `balance_after` is the sender's, and the transactions tell of each side."""

    id = serializers.UUIDField()
    from_member_id = serializers.UUIDField()
    to_member_id = serializers.UUIDField()
    programme = serializers.UUIDField()
    points = serializers.IntegerField()
    balance_after = serializers.IntegerField()
    reason = serializers.CharField()
    sent_id = serializers.UUIDField()
    received_id = serializers.UUIDField()
    created_at = Instant()

    class Meta:
        ref_name = "Transfer"


class MovedAnswer(serializers.Serializer[Any]):
    """What a merge moved in one programme: points, of them pending ones, and points that were owed."""

    programme = serializers.UUIDField()
    points = serializers.IntegerField()
    pending = serializers.IntegerField()
    owed = serializers.IntegerField()

    class Meta:
        ref_name = "Moved"


class MergeAnswer(serializers.Serializer[Any]):
    """A member whose points are another's now; their transactions have `merge:<id>` as their reference."""

    id = serializers.UUIDField()
    from_member_id = serializers.UUIDField()
    into_member_id = serializers.UUIDField()
    reason = serializers.CharField()
    merged_by = serializers.UUIDField()
    created_at = Instant()
    moved = MovedAnswer(many=True)

    class Meta:
        ref_name = "Merge"


MergePage = page_of(MergeAnswer)


class ExpiringAnswer(serializers.Serializer[Any]):
    """Points that end at one instant; `expires_on` is their last day, which a grace may make much earlier."""

    points = serializers.IntegerField()
    expires_at = Instant()
    expires_on = serializers.DateField()

    class Meta:
        ref_name = "Expiring"


class NextActivationAnswer(serializers.Serializer[Any]):
    """Pending points that become available at one instant."""

    points = serializers.IntegerField()
    activates_at = Instant()

    class Meta:
        ref_name = "NextActivation"


class BalanceAnswer(serializers.Serializer[Any]):
    """A member's points; `available` can be spent now, `pending` later, `deficit` (never positive) is owed.

    `next_activation` is null where nothing is pending but for events, and for the past. `merged_into` is whose the
    points are now, where the member was merged into another.
    """

    member_id = serializers.UUIDField()
    programme = serializers.UUIDField()
    available = serializers.IntegerField()
    held = serializers.IntegerField()
    pending = serializers.IntegerField()
    deficit = serializers.IntegerField()
    next_activation = NextActivationAnswer(allow_null=True)
    merged_into = serializers.UUIDField(allow_null=True)
    expiring = ExpiringAnswer(many=True)
    as_of = Instant()

    class Meta:
        ref_name = "Balance"


def transaction_json(fact: Posted) -> dict[str, Any]:
    """Return a transaction as it is answered."""
    return {
        "id": fact.id,
        "kind": fact.kind,
        "member_id": fact.member_id,
        "programme": fact.programme_id,
        "points": fact.points,
        "change": fact.change,
        "balance_after": fact.balance_after,
        "reference": fact.reference,
        "reason": fact.reason,
        "occurred_at": fact.occurred_at,
        "created_at": fact.posted_at,
        "entries": [entry._asdict() for entry in fact.entries],
        "lots": in_json(fact.lots) if isinstance(fact.lots, BlankRows) else [part._asdict() for part in fact.lots],
    }


def adjustment_json(found: Adjustment) -> dict[str, Any]:
    """Return an adjustment that waits or was decided as it is answered."""
    values = found._asdict()
    return values | {"programme": values.pop("programme_id")}


def transfer_json(made: Transfer) -> dict[str, Any]:
    """Return a transfer as it is answered; the receiver's balance is nobody else's business."""
    return {
        "id": made.id,
        "from_member_id": made.sent.member_id,
        "to_member_id": made.received.member_id,
        "programme": made.sent.programme_id,
        "points": made.sent.points,
        "balance_after": made.sent.balance_after,
        "reason": made.sent.reason,
        "sent_id": made.sent.id,
        "received_id": made.received.id,
        "created_at": made.sent.posted_at,
    }


def merge_json(merge: Merge, moved: Sequence[Moved]) -> dict[str, Any]:
    """Return a merge as it is answered, with what it moved."""
    parts = [one._asdict() for one in moved]
    values = merge._asdict()
    return values | {
        "created_at": values.pop("merged_at"),
        "moved": [part | {"programme": part.pop("programme_id")} for part in parts],
    }


def hold_json(found: Hold, *, at: datetime) -> dict[str, Any]:
    """Return a hold as it is answered; one whose time has passed is expired, whether or not its job has run."""
    return {
        "id": found.id,
        "state": state_of(found, at=at),
        "member_id": found.member_id,
        "programme": found.programme_id,
        "points": found.points,
        "captured": found.captured,
        "reference": found.reference,
        "expires_at": found.expires_at,
        "created_at": found.created_at,
        "closed_at": found.closed_at,
        "capture_id": found.capture_id,
        "release_id": found.release_id,
    }


def pending_json(found: Pending, *, at: datetime) -> dict[str, Any]:
    """Return pending points as they are answered; they close when their time comes, whether or not the job has run."""
    state, waits = rules.state_of(found, at=at), bool(found.on_event)
    due = found.remaining if rules.is_due(found, at=at) else 0
    return {
        "id": found.id,
        "state": state,
        "member_id": found.member_id,
        "programme": found.programme_id,
        "points": found.points,
        "remaining": found.remaining - due,
        "activated": due if due and not waits else found.activated,
        "reference": found.reference,
        "activates_at": None if waits else found.due_at,
        "on_event": found.on_event or None,
        "deadline": found.due_at if waits else None,
        "expires_at": found.expires_at,
        "created_at": found.created_at,
        "closed_at": found.due_at if due else found.closed_at,
        "closed_by": found.closed_by,
    }


def balance_json(found: Balance, timezone: str) -> dict[str, Any]:
    """Return a balance as it is answered."""
    following = found.next_activation
    next_activation = following and {"points": following[1], "activates_at": following[0]}
    expiring = [expiring_json(end, timezone) for end in found.expiring]
    return asdict(found) | {"expiring": expiring, "next_activation": next_activation}


def expiring_json(end: Expiring, timezone: str) -> dict[str, Any]:
    """Return points that end as they are answered."""
    return end._asdict() | {"expires_on": str(day_told(end.expires_at, end.expires_on, timezone))}


def lot_json(lot: Lot, account: Account, timezone: str) -> dict[str, Any]:
    """Return a lot's row, which is one of this account, as it is answered."""
    last = day_told(lot.expires_at, lot.expires_on, timezone) if lot.expires_at else None
    values = {name: getattr(lot, name) for name in ("id", "points", "remaining", "active_from", "expires_at")}
    whose = {"member_id": account.member_id, "programme": account.programme_id}
    return {"id": values.pop("id"), **whose, **values, "expires_on": str(last) if last else None}
