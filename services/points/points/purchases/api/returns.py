"""Purchases taken back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.ledger.errors import BalanceTooLarge, MemberMerged
from points.purchases import operations
from points.purchases.api.access import RECORD, is_theirs, known
from points.purchases.api.answers import ReturnAnswer, return_json
from points.purchases.api.bodies import NewReturn, ReturnQuery
from points.purchases.errors import (
    CurrencyMismatch,
    LineUnknown,
    NothingToReturn,
    PurchaseNotFound,
    PurchaseOfPayment,
    ReturnIdReused,
    ReturnTooLarge,
)
from points.purchases.rules.claims import request_of
from points.purchases.rules.purchases import Purchase
from points.vouchers import orders
from shared import clock
from shared.http.fields import parse
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.idempotency.replay import Reply, once


class Returns(ServiceView):
    """Purchases taken back."""

    scopes = {"POST": RECORD}

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


def _return(request: Request, purchase_id: UUID, body: dict[str, Any], *, preview: bool = False) -> dict[str, Any]:
    found, caller = known(purchase_id), caller_of(request)
    if not is_theirs(found, caller):
        raise PurchaseNotFound()
    done = operations.return_purchase(
        purchase_id,
        return_id=body["return_id"],
        request=_request(body, found),
        reason=body["reason"],
        actor_id=caller.id,
        at=clock.now(),
        preview=preview,
    )
    if not preview and not known(purchase_id).left:
        orders.note_returns([purchase_id], at=done.returned_at)
    return return_json(done, found, preview=preview)


def _request(body: dict[str, Any], purchase: Purchase) -> dict[str, Any]:
    lines, money = body.get("lines"), body.get("amount")
    if money and money.currency != purchase.currency:
        raise CurrencyMismatch(currency=purchase.currency)
    quantities = None if lines is None else {line["line_id"]: line["quantity"] for line in lines}
    return request_of(quantities, money.amount if money else None)
