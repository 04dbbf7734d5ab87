"""Up to a thousand purchases in one request."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from points.purchases import operations
from points.purchases.api.access import RECORD
from points.purchases.api.answers import PurchaseBatchAnswer, result_json
from points.purchases.api.bodies import (
    LARGEST_BATCH,
    MOST_LINES_OF_BATCH,
    NewPurchaseBatch,
    NewPurchaseBody,
    told_of,
)
from points.purchases.operations import Teller
from points.purchases.rules.purchases import Recorded, Told
from points.vouchers import orders
from points.vouchers.orders import PaidOrder
from shared import clock
from shared.callers import Caller
from shared.errors import DomainError, InvalidRequest
from shared.http.fields import parse
from shared.http.problems import field_errors
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of
from shared.idempotency.replay import Reply, once


class PurchaseBatches(ServiceView):
    """Many purchases at once; each is decided on its own and one that is refused leaves the others alone."""

    scopes = {"POST": RECORD}
    max_body_bytes = 8 * 1024 * 1024

    @operation(
        "record_purchases",
        "Record up to 1,000 purchases",
        body=NewPurchaseBatch,
        answers={200: PurchaseBatchAnswer},
        moves_value=True,
    )
    def post(self, request: Request) -> HttpResponse:
        given, caller = _purchases(request.data), caller_of(request)
        return once(request, lambda: Reply(200, {"results": _run(given, caller, clock.now())}))


def _purchases(body: Any) -> list[Any]:
    given = body.get("purchases") if isinstance(body, Mapping) and len(body) == 1 else None
    if not isinstance(given, list) or not 1 <= len(given) <= LARGEST_BATCH:
        raise _invalid("invalid", f"An object with `purchases`, a list of 1 to {LARGEST_BATCH}, is expected.")
    if sum(map(_lines, given)) > MOST_LINES_OF_BATCH:
        raise _invalid("too_many", f"They have more than {MOST_LINES_OF_BATCH} lines together.")
    return given


def _lines(given: Any) -> int:
    lines = given.get("lines") if isinstance(given, Mapping) else None
    return len(lines) if isinstance(lines, list) else 0


def _invalid(code: str, detail: str) -> InvalidRequest:
    return InvalidRequest(errors=[{"field": "purchases", "code": code, "detail": detail}])


def _run(given: Sequence[Any], caller: Caller, at: datetime) -> list[dict[str, Any]]:
    """Record what can be recorded and return a result for each."""
    read = [_told(one, caller, at) for one in given]
    told = [one for one in read if isinstance(one, Told)]
    outcomes = operations.record_purchases(told, teller=Teller(caller.id, caller.is_person), at=at)
    orders.note_payments([_paid(one) for one in outcomes if isinstance(one, Recorded)])
    became = iter(outcomes)
    return [result_json(index, next(became) if isinstance(one, Told) else one) for index, one in enumerate(read)]


def _told(given: Any, caller: Caller, at: datetime) -> Told | DomainError:
    """Return a purchase by the same fields as a single request's, or what is wrong with it."""
    try:
        return told_of(parse(NewPurchaseBody, given), caller, at)
    except serializers.ValidationError as error:
        return InvalidRequest(errors=list(field_errors(error.detail)))
    except InvalidRequest as refusal:
        return refusal


def _paid(outcome: Recorded) -> PaidOrder:
    one = outcome.purchase
    assert one.reference
    assert one.occurred_at
    return PaidOrder(one.payment_id, one.reference, one.merchant_id, one.occurred_at)
