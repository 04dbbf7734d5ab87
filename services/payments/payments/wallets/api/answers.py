"""What is answered about wallets."""

from typing import Any

from rest_framework import serializers

from payments.answers import AmountAnswer, CardAnswer
from payments.ledger.models import Entry
from payments.ledger.rules import entry_id
from payments.wallets.models import Topup


class WalletAnswer(serializers.Serializer[Any]):
    """A member's money in one currency."""

    id = serializers.UUIDField()
    member_id = serializers.UUIDField()
    currency = serializers.CharField()
    balance = AmountAnswer()
    created_at = serializers.DateTimeField()

    class Meta:
        ref_name = "Wallet"


class WalletEntryAnswer(serializers.Serializer[Any]):
    """One change of a wallet's balance."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    amount = AmountAnswer()
    balance_after = AmountAnswer()
    reference = serializers.CharField()
    transaction_id = serializers.UUIDField()
    posted_at = serializers.DateTimeField()

    class Meta:
        ref_name = "WalletEntry"


def entry_json(entry: Entry) -> dict[str, Any]:
    """Return an entry as it is answered."""
    currency = entry.account.currency
    return {
        "id": entry_id(entry.account_id, entry.version),
        "kind": entry.transaction.kind,
        "amount": {"amount": entry.amount, "currency": currency},
        "balance_after": {"amount": entry.balance_after, "currency": currency},
        "reference": entry.transaction.reference,
        "transaction_id": entry.transaction_id,
        "posted_at": entry.transaction.posted_at,
    }


class TopupAnswer(serializers.Serializer[Any]):
    """A top-up: `succeeded`, or `processing` while the card network's answer is awaited."""

    id = serializers.UUIDField()
    wallet_id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=["processing", "succeeded"])
    amount = AmountAnswer()
    card = CardAnswer()
    created_at = serializers.DateTimeField()

    class Meta:
        ref_name = "Topup"


def topup_json(topup: Topup) -> dict[str, Any]:
    """Return a top-up as it is answered."""
    return {
        "id": topup.id,
        "wallet_id": topup.wallet_id,
        "status": topup.status,
        "amount": {"amount": topup.amount, "currency": topup.currency},
        "card": {"brand": topup.card_brand, "last4": topup.card_last4},
        "created_at": topup.created_at,
    }
