"""Requests that give back points that ended."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from points.expiry import operations
from points.expiry.api.bodies import NewReinstatement
from points.expiry.errors import NotAnExpiry, ReinstatementInPast, ReinstatementTooLarge
from points.ledger.api.answers.transactions import TransactionAnswer, transaction_json
from points.ledger.errors import ApprovalNeeded, BalanceTooLarge, MemberMerged, TransactionNotFound
from shared import clock
from shared.http.fields import parse
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of
from shared.idempotency.replay import Reply, once


class Reinstatements(ServiceView):
    """Points that ended, given back by a person."""

    scopes = {"POST": ("points:adjust",)}

    @operation(
        "reinstate_points",
        "Reinstate expired points",
        body=NewReinstatement,
        answers={201: TransactionAnswer},
        moves_value=True,
        refuses=(
            ApprovalNeeded,
            BalanceTooLarge,
            MemberMerged,
            NotAnExpiry,
            ReinstatementInPast,
            ReinstatementTooLarge,
            TransactionNotFound,
        ),
    )
    def post(self, request: Request) -> HttpResponse:
        body, caller = parse(NewReinstatement, request.data), caller_of(request)
        programme_id = body.pop("programme", None)

        def run() -> Reply:
            who: dict[str, Any] = {"actor_id": caller.id, "is_person": caller.is_person}
            fact = operations.reinstate_points(programme_id=programme_id, **who, at=clock.now(), **body)
            return Reply(201, transaction_json(fact))

        return once(request, run)
