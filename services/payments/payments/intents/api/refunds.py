"""Refunds over HTTP."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from payments.intents.api.answers import RefundAnswer, refund_json
from payments.intents.api.bodies import RefundBody
from payments.intents.errors import (
    NotAllowedNow,
    NothingToRefund,
    RefundCurrency,
    RefundExceedsLine,
    RefundExceedsPayment,
    RefundMismatch,
    RefundRefused,
    UnknownLine,
)
from payments.intents.models import Refund
from payments.intents.operations.refunds import begin_refund, refund_to_wallet, send_refund
from payments.intents.queries import read_refund, refundable_intent
from payments.intents.rules import FAILED, SUCCEEDED, WALLET
from shared import clock
from shared.errors import NotFound
from shared.http.fields import parse
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.idempotency.phases import once_in_phases
from shared.idempotency.replay import Reply, once

_REFUSED = (
    NotFound,
    NotAllowedNow,
    NothingToRefund,
    UnknownLine,
    RefundCurrency,
    RefundExceedsLine,
    RefundExceedsPayment,
    RefundMismatch,
    RefundRefused,
)


class Refunds(ServiceView):
    """Refunds of a payment."""

    scopes = {"POST": ("payments:refund", "payments:refund-any")}

    @operation(
        "create_refund",
        "Give money back: by line, by amount, or all that is left",
        body=RefundBody,
        answers={201: RefundAnswer, 202: RefundAnswer},
        moves_value=True,
        refuses=_REFUSED,
    )
    def post(self, request: Request, intent_id: UUID) -> HttpResponse:
        body, caller = parse(RefundBody, request.data), caller_of(request)
        intent = refundable_intent(caller, intent_id)
        command: dict[str, Any] = {
            "amount": body.get("amount"),
            "quantities": {line["line_id"]: line["quantity"] for line in body.get("lines", ())},
            "reason": body.get("reason", ""),
            "requested_by": caller.id,
            "at": clock.now(),
        }
        if intent.tender_type == WALLET:
            return once(request, lambda: _reply(refund_to_wallet(intent.id, **command)))
        return once_in_phases(
            request,
            lambda: begin_refund(intent.id, **command).id,
            lambda refund_id: _reply(send_refund(refund_id, at=clock.now())),
        )


class OneRefund(ServiceView):
    """One refund."""

    scopes = {"GET": ("payments:read", "payments:read-any")}

    @operation("get_refund", "Read a refund", answers={200: RefundAnswer}, refuses=(NotFound,))
    def get(self, request: Request, refund_id: UUID) -> HttpResponse:
        return reply(refund_json(read_refund(caller_of(request), refund_id)))


def _reply(refund: Refund) -> Reply:
    if refund.status == FAILED:
        raise RefundRefused(refund_id=refund.id, error_code=refund.error_code)
    return Reply(201 if refund.status == SUCCEEDED else 202, refund_json(refund))
