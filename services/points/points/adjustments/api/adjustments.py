"""Requests that correct balances, and those of a second person who approves or rejects large ones."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.adjustments import operations
from points.adjustments import rows as adjustments
from points.adjustments.api.answers import AdjustmentAnswer, AdjustmentPage, adjustment_json
from points.adjustments.api.bodies import AdjustmentsQuery, NewAdjustment, NewDecision
from points.adjustments.errors import AdjustmentDecided, AdjustmentNotFound, SamePerson
from points.adjustments.models import AdjustmentRequest, AdjustmentState
from points.adjustments.rows import Adjustment
from points.ledger.api.answers.transactions import TransactionAnswer, transaction_json
from points.ledger.errors import BalanceTooLarge, EndsBeforeActivation, InsufficientPoints, MemberMerged
from points.programmes.errors import ProgrammeClosed, ProgrammeNotFound
from shared import clock
from shared.errors import MemberUnknown
from shared.http.fields import parse
from shared.http.pages import page_reply
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.idempotency.replay import Reply, once

_ADJUST = ("points:adjust",)
_NEWEST = ("-requested_at", "-pk")
_DECISION_REFUSES = (AdjustmentDecided, AdjustmentNotFound, SamePerson)


class Adjustments(ServiceView):
    """Balances corrected by a person."""

    scopes = {"GET": _ADJUST, "POST": _ADJUST}

    @operation(
        "list_adjustments",
        "List adjustments and earnings above the limit",
        query=AdjustmentsQuery,
        answers={200: AdjustmentPage},
    )
    def get(self, request: Request) -> HttpResponse:
        query = parse(AdjustmentsQuery, request.query_params.dict())
        found = adjustments.listed(query.get("state"))
        return page_reply(request, found, adjustment_json, load=_read, ordering=_NEWEST)

    @operation(
        "adjust_points",
        "Correct a balance, or ask a second person where it is above the limit",
        body=NewAdjustment,
        answers={201: TransactionAnswer, 202: AdjustmentAnswer},
        moves_value=True,
        refuses=(BalanceTooLarge, InsufficientPoints, MemberMerged, ProgrammeNotFound),
    )
    def post(self, request: Request) -> HttpResponse:
        body, caller = parse(NewAdjustment, request.data), caller_of(request)
        programme_id = body.pop("programme", None)

        def run() -> Reply:
            who: dict[str, Any] = {"actor_id": caller.id, "is_person": caller.is_person}
            made = operations.ask_for_adjustment(programme_id=programme_id, **who, at=clock.now(), **body)
            if isinstance(made, Adjustment):
                return Reply(202, adjustment_json(made))
            return Reply(201, transaction_json(made))

        return once(request, run)


class OneAdjustment(ServiceView):
    """An adjustment that waits for a second person, or was decided."""

    scopes = {"GET": _ADJUST}

    @operation(
        "get_adjustment",
        "Read an adjustment or earning above the limit",
        answers={200: AdjustmentAnswer},
        refuses=(AdjustmentNotFound,),
    )
    def get(self, _request: Request, request_id: UUID) -> HttpResponse:
        if (found := adjustments.read(request_id)) is None:
            raise AdjustmentNotFound()
        return reply(adjustment_json(found))


class Approvals(ServiceView):
    """A second person's yes."""

    scopes = {"POST": _ADJUST}

    @operation(
        "approve_adjustment",
        "Approve an adjustment or earning",
        body=NewDecision,
        answers={200: AdjustmentAnswer},
        moves_value=True,
        refuses=(
            *_DECISION_REFUSES,
            BalanceTooLarge,
            EndsBeforeActivation,
            InsufficientPoints,
            MemberMerged,
            MemberUnknown,
            ProgrammeClosed,
        ),
    )
    def post(self, request: Request, request_id: UUID) -> HttpResponse:
        return _decide(request, request_id, operations.approve_adjustment)


class Rejections(ServiceView):
    """A second person's no."""

    scopes = {"POST": _ADJUST}

    @operation(
        "reject_adjustment",
        "Reject an adjustment or earning",
        body=NewDecision,
        answers={200: AdjustmentAnswer},
        moves_value=True,
        refuses=_DECISION_REFUSES,
    )
    def post(self, request: Request, request_id: UUID) -> HttpResponse:
        return _decide(request, request_id, operations.reject_adjustment)


def _read(page: list[AdjustmentRequest | AdjustmentState]) -> list[Adjustment]:
    return adjustments.read_all([row.pk for row in page])


def _decide(request: Request, request_id: UUID, decide: Callable[..., Adjustment]) -> HttpResponse:
    body, caller = parse(NewDecision, request.data), caller_of(request)

    def run() -> Reply:
        who: dict[str, Any] = {"actor_id": caller.id, "is_person": caller.is_person}
        return Reply(200, adjustment_json(decide(request_id, **who, at=clock.now(), **body)))

    return once(request, run)
