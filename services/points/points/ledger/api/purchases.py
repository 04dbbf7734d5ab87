"""Purchases that merchants without our payments tell, and their returns."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.ledger import operations, purchases, refunds
from points.ledger.api.purchase_bodies import (
    NewPurchaseBody,
    NewReturn,
    PurchaseAnswer,
    PurchasePage,
    PurchasesQuery,
    ReturnAnswer,
    ReturnQuery,
    purchase_json,
    return_json,
)
from points.ledger.errors import (
    BalanceTooLarge,
    CurrencyMismatch,
    LineUnknown,
    MemberMerged,
    NothingToReturn,
    PurchaseIdReused,
    PurchaseNotFound,
    PurchaseOfPayment,
    RedemptionNotUsable,
    ReturnIdReused,
    ReturnTooLarge,
    TransactionNotFound,
)
from points.ledger.merges import aliases, earlier_members
from points.ledger.rules.claims import asked
from points.ledger.rules.purchases import Purchase, PurchaseLine, ToldPurchase
from points.programmes.errors import ProgrammeClosed, ProgrammeNotFound
from points.vouchers import orders
from points.vouchers.orders import PaidOrder
from shared import clock
from shared.callers import Caller
from shared.errors import MemberUnknown, NotFound
from shared.http.fields import parse
from shared.http.pagination import CursorPages
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.idempotency.replay import Reply, once

_TOLD = {"reference__isnull": False}
# A merchant tells purchases and gives no points otherwise: that takes `points:earn`.
_TELL = ("purchases:write", "points:earn", "points:adjust")

_READ = (*_TELL, "points:read", "points:read-any")


class _Newest(CursorPages):
    ordering = ("-payment_id",)


class Purchases(ServiceView):
    """Purchases told by merchants."""

    scopes = {"GET": _READ, "POST": _TELL}

    @operation(
        "list_purchases",
        "List purchases: one's own, those that a merchant told, or anybody's",
        query=PurchasesQuery,
        answers={200: PurchasePage},
        refuses=(NotFound,),
    )
    def get(self, request: Request) -> HttpResponse:
        query, pages = parse(PurchasesQuery, request.query_params.dict()), _Newest()
        found = purchases.listed(**_filters(query, caller_of(request)))
        ids = [row.payment_id for row in pages.paginate_queryset(found, request, view=self) or []]
        known, returns = purchases.read(ids), refunds.of_purchases(ids)
        links = {"next": pages.get_next_link(), "previous": pages.get_previous_link()}
        return reply({"results": [purchase_json(known[one], returns[one]) for one in ids], **links})

    @operation(
        "create_purchase",
        "Tell a purchase, which earns points",
        body=NewPurchaseBody,
        answers={201: PurchaseAnswer},
        moves_value=True,
        refuses=(
            BalanceTooLarge,
            CurrencyMismatch,
            MemberMerged,
            MemberUnknown,
            ProgrammeClosed,
            ProgrammeNotFound,
            PurchaseIdReused,
            RedemptionNotUsable,
            TransactionNotFound,
        ),
    )
    def post(self, request: Request) -> HttpResponse:
        body, caller = parse(NewPurchaseBody, request.data), caller_of(request)
        programme_id = body.pop("programme", None)

        def run() -> Reply:
            at = clock.now()
            told = _told(body, caller, at)
            made = operations.record_purchase(told, programme_id=programme_id, actor_id=caller.id, at=at)
            orders.note_payments([PaidOrder(made.payment_id, told.reference, told.merchant_id, told.occurred_at)])
            return Reply(201, purchase_json(made, refunds.of_purchase(made.payment_id)))

        return once(request, run)


class OnePurchase(ServiceView):
    """One purchase with its lines and returns."""

    scopes = {"GET": _READ}

    @operation(
        "get_purchase",
        "Read a purchase, its returns and what still can be returned",
        answers={200: PurchaseAnswer},
        refuses=(PurchaseNotFound,),
    )
    def get(self, request: Request, purchase_id: UUID) -> HttpResponse:
        found, caller = _known(purchase_id), caller_of(request)
        whose = {found.member_id, *aliases([found.member_id]).values()}
        is_own = caller.id in whose and caller.may("points:read")
        if not (is_own or caller.may("points:read-any") or _is_theirs(found, caller)):
            raise PurchaseNotFound()
        return reply(purchase_json(found, refunds.of_purchase(purchase_id)))


class Returns(ServiceView):
    """Purchases taken back."""

    scopes = {"POST": _TELL}

    @operation(
        "return_purchase",
        "Return a purchase, whole or by lines, or see what that would do",
        body=NewReturn,
        query=ReturnQuery,
        answers={200: ReturnAnswer, 201: ReturnAnswer},
        moves_value=True,
        refuses=(
            BalanceTooLarge,
            CurrencyMismatch,
            LineUnknown,
            MemberMerged,
            NothingToReturn,
            PurchaseNotFound,
            PurchaseOfPayment,
            ReturnIdReused,
            ReturnTooLarge,
        ),
    )
    def post(self, request: Request, purchase_id: UUID) -> HttpResponse:
        parse(ReturnQuery, request.query_params.dict())
        body = parse(NewReturn, request.data)
        del body["preview"]
        if self.is_preview(request):
            return reply(_return(request, purchase_id, body, preview=True))
        return once(request, lambda: Reply(201, _return(request, purchase_id, body)))

    def is_preview(self, request: Request) -> bool:
        """Tell whether the body or the query says so."""
        is_in_body = isinstance(request.data, Mapping) and request.data.get("preview") is True
        return is_in_body or request.query_params.get("preview") == "true"


def _filters(query: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Return which purchases a caller may see of those that a query names."""
    filters = {"reference": query["purchase_id"]} if "purchase_id" in query else {}
    filters |= _of_member(query["member_id"]) if "member_id" in query else {}
    if caller.may("points:read-any") or caller.may("points:adjust"):
        return filters
    if caller.may("purchases:write") or caller.may("points:earn"):
        return filters | {"merchant_id": caller.merchant_id} | ({} if "reference" in filters else _TOLD)
    return filters | _of_member(caller.member_or_self(query.get("member_id"), any_scope="points:read-any"))


def _of_member(member_id: UUID) -> dict[str, Any]:
    """Return the filter for a member's purchases, and for those of members who were merged into this one."""
    return {"members": [member_id, *earlier_members(member_id)]}


def _told(body: dict[str, Any], caller: Caller, at: datetime) -> ToldPurchase:
    return ToldPurchase(
        reference=body["purchase_id"],
        merchant_id=caller.merchant_id,
        member_id=body["member_id"],
        currency=body["amount"].currency,
        amount=body["amount"].amount,
        money_amount=body.get("money_amount"),
        lines=tuple(PurchaseLine(**line) for line in body["lines"]),
        redemption_ids=tuple(body["redemption_ids"]),
        occurred_at=body.get("occurred_at", at),
    )


def _return(request: Request, purchase_id: UUID, body: dict[str, Any], *, preview: bool = False) -> dict[str, Any]:
    found, caller = _known(purchase_id), caller_of(request)
    if not _is_theirs(found, caller):
        raise PurchaseNotFound()
    done = operations.return_purchase(
        purchase_id,
        return_id=body["return_id"],
        wish=_wish(body, found),
        reason=body["reason"],
        actor_id=caller.id,
        at=clock.now(),
        preview=preview,
    )
    if not preview and not _known(purchase_id).left:
        orders.note_returns([purchase_id], at=done.returned_at)
    return return_json(done, found, preview=preview)


def _wish(body: dict[str, Any], purchase: Purchase) -> dict[str, Any]:
    lines, money = body.get("lines"), body.get("amount")
    if money and money.currency != purchase.currency:
        raise CurrencyMismatch(currency=purchase.currency)
    quantities = None if lines is None else {line["line_id"]: line["quantity"] for line in lines}
    return asked(quantities, money.amount if money else None)


def _known(purchase_id: UUID) -> Purchase:
    if (found := purchases.read([purchase_id]).get(purchase_id)) is None:
        raise PurchaseNotFound()
    return found


def _is_theirs(found: Purchase, caller: Caller) -> bool:
    """Tell whether a caller may act on a purchase: who told it, or an operator."""
    told_it = found.reference is not None and found.merchant_id == caller.merchant_id
    tells = caller.may("purchases:write") or caller.may("points:earn")
    return caller.may("points:adjust") or (told_it and tells)
