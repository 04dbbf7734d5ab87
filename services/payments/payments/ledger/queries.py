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
    """Return a wallet's entries with their transactions, for a list to page through; none before its first."""
    # The account first: of a join no page is read in the order of its key, but all entries for each page.
    ids = list(Account.objects.filter(kind=WALLET, owner_id=wallet_id).values_list("id", flat=True))
    found = Entry.objects.filter(account_id=ids[0]) if ids else Entry.objects.none()
    return found.select_related("transaction", "account")
