"""What is answered about transactions and transfers."""

from typing import Any

from rest_framework import serializers

from points.ledger.operations import Transfer
from points.ledger.rules.values import BUCKETS, Kind, Posted
from shared.http.times import Instant
from shared.postgres.render import PlaceholderRows, in_json


class EntryAnswer(serializers.Serializer[Any]):
    """One signed change of one bucket."""

    bucket = serializers.ChoiceField(choices=BUCKETS)
    points = serializers.IntegerField()
    balance_after = serializers.IntegerField()

    class Meta:
        ref_name = "Entry"


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
        "lots": in_json(fact.lots)
        if isinstance(fact.lots, PlaceholderRows)
        else [part._asdict() for part in fact.lots],
    }


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
