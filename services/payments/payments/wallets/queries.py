"""Reads of wallets."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from payments.ledger.queries import wallet_balances
from payments.wallets.models import Wallet
from shared.callers import Caller
from shared.errors import NotFound


def wallets_of(member_id: UUID) -> list[Wallet]:
    """Return a member's wallets by currency."""
    return list(Wallet.objects.filter(member_id=member_id).order_by("currency"))


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
