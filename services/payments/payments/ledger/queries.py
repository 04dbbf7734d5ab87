"""Reads of the ledger."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet

from payments.ledger.models import Account, Entry
from payments.ledger.rules import WALLET


def wallet_balances(wallet_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return the balance of each wallet that has had an entry."""
    found = Account.objects.filter(kind=WALLET, owner_id__in=wallet_ids)
    return dict(found.values_list("owner_id", "balance"))


def wallet_entries(wallet_id: UUID) -> QuerySet[Entry]:
    """Return a wallet's entries with their transactions, for a list to page through."""
    return Entry.objects.filter(account__kind=WALLET, account__owner_id=wallet_id).select_related(
        "transaction", "account"
    )
