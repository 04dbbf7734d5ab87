"""Purchases that merchants without our payments record."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.ledger.errors import (
    AmountTooLarge,
    ApprovalNeeded,
    BalanceTooLarge,
    MemberMerged,
    PurchaseTooOld,
    TooManyPoints,
    TransactionNotFound,
)
from points.ledger.merges import earlier_members
from points.programmes.errors import MerchantNotListed, ProgrammeClosed, ProgrammeNotFound
from points.purchases import operations
from points.purchases.api.access import READ, RECORD, seen
from points.purchases.api.answers import PurchaseAnswer, PurchasePage, purchase_json
from points.purchases.api.bodies import NewPurchaseBody, PurchasesQuery, told_of
from points.purchases.errors import (
    CurrencyMismatch,
    OrderEarned,
    PurchaseIdReused,
    PurchaseNotFound,
    RedemptionNotUsable,
)
from points.purchases.models import Purchase as PurchaseRow
from points.purchases.rows import purchases, refunds
from points.purchases.rows.refunds import Returned
from points.purchases.rules.purchases import Purchase
from points.vouchers import orders
from points.vouchers.orders import PaidOrder
from shared import clock
from shared.callers import Caller
from shared.errors import MemberUnknown, NotFound
from shared.http.fields import parse
from shared.http.pages import page_reply
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.idempotency.replay import Reply, once

_RECORDED = {"reference__isnull": False}
_NEWEST = ("-payment_id",)


class Purchases(ServiceView):
    """Purchases recorded by merchants."""

    scopes = {"GET": READ, "POST": RECORD}

    @operation(
        "list_purchases",
        "List purchases: one's own, those that a merchant recorded, or anybody's",
        query=PurchasesQuery,
        answers={200: PurchasePage},
        refuses=(NotFound,),
    )
    def get(self, request: Request) -> HttpResponse:
        query = parse(PurchasesQuery, request.query_params.dict())
        found = purchases.listed(**_filters(query, caller_of(request)))
        return page_reply(request, found, lambda one: purchase_json(*one), load=_with_returns, ordering=_NEWEST)

    @operation(
        "create_purchase",
        "Record a purchase, which earns points",
        body=NewPurchaseBody,
        answers={201: PurchaseAnswer},
        moves_value=True,
        refuses=(
            BalanceTooLarge,
            AmountTooLarge,
            ApprovalNeeded,
            CurrencyMismatch,
            MemberMerged,
            MemberUnknown,
            MerchantNotListed,
            OrderEarned,
            ProgrammeClosed,
            ProgrammeNotFound,
            PurchaseIdReused,
            PurchaseTooOld,
            RedemptionNotUsable,
            TooManyPoints,
            TransactionNotFound,
        ),
    )
    def post(self, request: Request) -> HttpResponse:
        body, caller = parse(NewPurchaseBody, request.data), caller_of(request)

        def run() -> Reply:
            at = clock.now()
            recorded, programme_id = told_of(body, caller, at)
            who: dict[str, Any] = {"actor_id": caller.id, "is_person": caller.is_person}
            made = operations.record_purchase(recorded, programme_id=programme_id, **who, at=at)
            orders.note_payments(
                [PaidOrder(made.payment_id, recorded.reference, recorded.merchant_id, recorded.occurred_at)]
            )
            return Reply(201, purchase_json(made, refunds.of_purchase(made.payment_id)))

        return once(request, run)


class OnePurchase(ServiceView):
    """One purchase with its lines and returns."""

    scopes = {"GET": READ}

    @operation(
        "get_purchase",
        "Read a purchase, its returns and what still can be returned",
        answers={200: PurchaseAnswer},
        refuses=(PurchaseNotFound,),
    )
    def get(self, request: Request, purchase_id: UUID) -> HttpResponse:
        found = seen(purchase_id, caller_of(request))
        return reply(purchase_json(found, refunds.of_purchase(purchase_id)))


def _with_returns(page: list[PurchaseRow]) -> list[tuple[Purchase, list[Returned]]]:
    ids = [row.payment_id for row in page]
    found, returns = purchases.read(ids), refunds.of_purchases(ids)
    return [(found[one], returns[one]) for one in ids]


def _filters(query: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Return which purchases a caller may see of those that a query names."""
    filters = {"reference": query["purchase_id"]} if "purchase_id" in query else {}
    filters |= _of_member(query["member_id"]) if "member_id" in query else {}
    if caller.may("points:read-any") or caller.may("points:adjust"):
        return filters
    if caller.may("purchases:write") or caller.may("points:earn"):
        return filters | {"merchant_id": caller.merchant_id} | ({} if "reference" in filters else _RECORDED)
    return filters | _of_member(caller.member_or_self(query.get("member_id"), any_scope="points:read-any"))


def _of_member(member_id: UUID) -> dict[str, Any]:
    """Return the filter for a member's purchases, and for those of members who were merged into this one."""
    return {"members": [member_id, *earlier_members(member_id)]}
