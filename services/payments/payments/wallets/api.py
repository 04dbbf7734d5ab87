"""Wallets over HTTP."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from payments.answers import AmountAnswer
from payments.ledger.models import Entry
from payments.ledger.queries import wallet_entries
from payments.ledger.rules import entry_id
from payments.pages import page_reply
from payments.wallets.operations import open_wallet
from payments.wallets.queries import all_wallets, readable_wallet, wallets_of, with_balances
from shared import clock
from shared.errors import NotFound
from shared.http.fields import Body, Currency, Identifier, PageQuery, parse
from shared.http.pages import page_of
from shared.http.pagination import CursorPages
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply


class WalletBody(Body):
    """In which currency the wallet is to be."""

    currency = Currency()


class WalletQuery(PageQuery):
    """Whose wallets; where nobody is named one's own, and of an operator everybody's."""

    member_id = Identifier(required=False)


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


class WalletPages(CursorPages):
    """A member's wallets by currency: at most one of each."""

    ordering = ("currency",)


class EntryPages(CursorPages):
    """A statement, newest first."""

    ordering = ("-version",)


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


class Wallets(ServiceView):
    """A member's wallets, or everybody's, the newest first."""

    scopes = {"GET": ("wallets:read", "wallets:read-any"), "POST": ("wallets:write",)}

    @operation(
        "list_wallets", "List wallets", answers={200: page_of(WalletAnswer)}, query=WalletQuery, refuses=(NotFound,)
    )
    def get(self, request: Request) -> HttpResponse:
        named, caller = parse(WalletQuery, request.query_params.dict()).get("member_id"), caller_of(request)
        if named is None and caller.may("wallets:read-any"):
            return page_reply(CursorPages(), all_wallets(), with_balances, dict, request)
        member_id = caller.member_or_self(named, any_scope="wallets:read-any")
        return page_reply(WalletPages(), wallets_of(member_id), with_balances, dict, request)

    @operation("open_wallet", "Open a wallet, or return the one there is", body=WalletBody, answers={201: WalletAnswer})
    def post(self, request: Request) -> HttpResponse:
        currency = parse(WalletBody, request.data)["currency"]
        wallet = open_wallet(member_id=caller_of(request).id, currency=currency, at=clock.now())
        return reply(with_balances([wallet])[0], 201)


class OneWallet(ServiceView):
    """One wallet."""

    scopes = {"GET": ("wallets:read", "wallets:read-any")}

    @operation("get_wallet", "Read a wallet", answers={200: WalletAnswer}, refuses=(NotFound,))
    def get(self, request: Request, wallet_id: UUID) -> HttpResponse:
        return reply(with_balances([readable_wallet(caller_of(request), wallet_id)])[0])


class WalletEntries(ServiceView):
    """A wallet's statement."""

    scopes = {"GET": ("wallets:read", "wallets:read-any")}

    @operation(
        "list_wallet_entries",
        "List a wallet's entries, newest first",
        answers={200: page_of(WalletEntryAnswer)},
        query=PageQuery,
        refuses=(NotFound,),
    )
    def get(self, request: Request, wallet_id: UUID) -> HttpResponse:
        parse(PageQuery, request.query_params.dict())
        wallet = readable_wallet(caller_of(request), wallet_id)
        return page_reply(EntryPages(), wallet_entries(wallet.id), list, entry_json, request)
