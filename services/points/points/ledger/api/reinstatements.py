"""Requests that give back points that ended."""

from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from points.ledger import operations
from points.ledger.api.bodies import TransactionAnswer, transaction_json
from points.ledger.errors import (
    ApprovalNeeded,
    BalanceTooLarge,
    MemberMerged,
    NotAnExpiry,
    ReinstatementInPast,
    ReinstatementTooLarge,
    TransactionNotFound,
)
from shared import clock
from shared.http.fields import Body, Identifier, Points, Text, WholeNumber, parse
from shared.http.swagger import operation
from shared.http.times import Day
from shared.http.views import ServiceView, caller_of
from shared.idempotency.replay import Reply, once


class NewReinstatement(Body):
    """Points of one expiry to give back, all that are left of it where `points` is left out; the new end is a day or so
    many days from today, else the programme's."""

    member_id = Identifier()
    programme = Identifier(required=False)
    transaction_id = Identifier()
    points = Points(required=False)
    expires_on = Day(required=False)
    expires_in_days = WholeNumber(min_value=0, max_value=36_500, required=False)
    reason = Text(max_length=200)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse two ends."""
        if "expires_on" in attrs and "expires_in_days" in attrs:
            error = serializers.ErrorDetail("One end is enough.", "disagrees")
            raise serializers.ValidationError({"expires_in_days": [error]})
        return attrs


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
        body, actor_id = parse(NewReinstatement, request.data), caller_of(request).id
        programme_id = body.pop("programme", None)

        def run() -> Reply:
            fact = operations.reinstate_points(programme_id=programme_id, actor_id=actor_id, at=clock.now(), **body)
            return Reply(201, transaction_json(fact))

        return once(request, run)
