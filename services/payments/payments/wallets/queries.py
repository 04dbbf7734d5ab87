"""Reads of wallets."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from payments.ledger.queries import wallet_balances
from payments.wallets.models import Wallet
from shared.callers import Caller
from shared.errors import NotFound
from shared.lists import owned


def wallets_of(member_id: UUID) -> QuerySet[Wallet]:
    """Return a member's wallets, for a list to page through by currency."""
    return owned(Wallet.objects.all(), member_id=member_id)


def all_wallets() -> QuerySet[Wallet]:
    """Return everybody's wallets, for a list to page through, the newest first."""
    return Wallet.objects.all()


def own_wallet(caller: Caller, wallet_id: UUID) -> Wallet:
    """Return a wallet of the caller's own.

    :raises NotFound: there is none, or it is another member's.
    """
    if wallet := Wallet.objects.filter(id=wallet_id, member_id=caller.id).first():
        return wallet
    raise NotFound()


def readable_wallet(caller: Caller, wallet_id: UUID) -> Wallet:
    """Return a wallet that the caller may look at: an own one, or with `wallets:read-any` any.

    :raises NotFound: there is none, or it is another member's.
    """
    if caller.may("wallets:read-any") and (wallet := Wallet.objects.filter(id=wallet_id).first()):
        return wallet
    return own_wallet(caller, wallet_id)


def with_balances(wallets: Iterable[Wallet]) -> list[dict[str, Any]]:
    """Return wallets as they are answered, with their balances read in one query."""
    found = list(wallets)
    balances = wallet_balances([wallet.id for wallet in found])
    return [
        {
            "id": wallet.id,
            "member_id": wallet.member_id,
            "currency": wallet.currency,
            "balance": {"amount": balances.get(wallet.id, 0), "currency": wallet.currency},
            "created_at": wallet.created_at,
        }
        for wallet in found
    ]
