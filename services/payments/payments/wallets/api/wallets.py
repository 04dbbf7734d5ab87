"""Wallets over HTTP."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from payments.ledger.queries import wallet_entries
from payments.wallets.api.answers import WalletAnswer, WalletEntryAnswer, entry_json
from payments.wallets.api.bodies import WalletBody, WalletQuery
from payments.wallets.operations import open_wallet
from payments.wallets.queries import all_wallets, readable_wallet, wallets_of, with_balances
from shared import clock
from shared.errors import NotFound
from shared.http.fields import PageQuery, parse
from shared.http.pages import page_of, page_reply
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply

# A member has at most one wallet of each currency.
_BY_CURRENCY = ("currency",)
_NEWEST_ENTRY = ("-version",)


class Wallets(ServiceView):
    """A member's wallets, or everybody's, the newest first."""

    scopes = {"GET": ("wallets:read", "wallets:read-any"), "POST": ("wallets:write",)}

    @operation(
        "list_wallets", "List wallets", answers={200: page_of(WalletAnswer)}, query=WalletQuery, refuses=(NotFound,)
    )
    def get(self, request: Request) -> HttpResponse:
        named, caller = parse(WalletQuery, request.query_params.dict()).get("member_id"), caller_of(request)
        if named is None and caller.may("wallets:read-any"):
            return page_reply(request, all_wallets(), dict, load=with_balances)
        member_id = caller.member_or_self(named, any_scope="wallets:read-any")
        return page_reply(request, wallets_of(member_id), dict, load=with_balances, ordering=_BY_CURRENCY)

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
        return page_reply(request, wallet_entries(wallet.id), entry_json, ordering=_NEWEST_ENTRY)
