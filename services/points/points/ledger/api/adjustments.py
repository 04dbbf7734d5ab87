"""Requests that correct balances, and those of a second person who approves or rejects large ones."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.ledger import adjustments, operations
from points.ledger.adjustments import Adjustment
from points.ledger.api.bodies import (
    AdjustmentAnswer,
    AdjustmentPage,
    AdjustmentsQuery,
    NewAdjustment,
    NewDecision,
    TransactionAnswer,
    adjustment_json,
    transaction_json,
)
from points.ledger.errors import (
    AdjustmentDecided,
    AdjustmentNotFound,
    BalanceTooLarge,
    InsufficientPoints,
    MemberMerged,
    SamePerson,
)
from points.programmes.errors import ProgrammeNotFound
from shared import clock
from shared.http.fields import parse
from shared.http.pagination import CursorPages
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.idempotency.replay import Reply, once

_ADJUST = ("points:adjust",)
_DECISION_REFUSES = (AdjustmentDecided, AdjustmentNotFound, SamePerson)


class _Newest(CursorPages):
    ordering = ("-requested_at", "-pk")


class Adjustments(ServiceView):
    """Balances corrected by a person."""

    scopes = {"GET": _ADJUST, "POST": _ADJUST}

    @operation(
        "list_adjustments", "List adjustments above the limit", query=AdjustmentsQuery, answers={200: AdjustmentPage}
    )
    def get(self, request: Request) -> HttpResponse:
        query = parse(AdjustmentsQuery, request.query_params.dict())
        pages = _Newest()
        page = pages.paginate_queryset(adjustments.listed(query.get("state")), request, view=self) or []
        found = adjustments.read_all([row.pk for row in page])
        links = {"next": pages.get_next_link(), "previous": pages.get_previous_link()}
        return reply({"results": [adjustment_json(one) for one in found], **links})

    @operation(
        "adjust_points",
        "Correct a balance, or ask a second person where it is above the limit",
        body=NewAdjustment,
        answers={201: TransactionAnswer, 202: AdjustmentAnswer},
        moves_value=True,
        refuses=(BalanceTooLarge, InsufficientPoints, MemberMerged, ProgrammeNotFound),
    )
    def post(self, request: Request) -> HttpResponse:
        body, actor_id = parse(NewAdjustment, request.data), caller_of(request).id
        programme_id = body.pop("programme", None)

        def run() -> Reply:
            at = clock.now()
            made = operations.ask_for_adjustment(programme_id=programme_id, actor_id=actor_id, at=at, **body)
            if isinstance(made, Adjustment):
                return Reply(202, adjustment_json(made))
            return Reply(201, transaction_json(made))

        return once(request, run)


class OneAdjustment(ServiceView):
    """An adjustment that waits for a second person, or was decided."""

    scopes = {"GET": _ADJUST}

    @operation(
        "get_adjustment",
        "Read an adjustment above the limit",
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
        "Approve an adjustment",
        body=NewDecision,
        answers={200: AdjustmentAnswer},
        moves_value=True,
        refuses=(*_DECISION_REFUSES, BalanceTooLarge, InsufficientPoints, MemberMerged),
    )
    def post(self, request: Request, request_id: UUID) -> HttpResponse:
        return _decide(request, request_id, operations.approve_adjustment)


class Rejections(ServiceView):
    """A second person's no."""

    scopes = {"POST": _ADJUST}

    @operation(
        "reject_adjustment",
        "Reject an adjustment",
        body=NewDecision,
        answers={200: AdjustmentAnswer},
        moves_value=True,
        refuses=_DECISION_REFUSES,
    )
    def post(self, request: Request, request_id: UUID) -> HttpResponse:
        return _decide(request, request_id, operations.reject_adjustment)


def _decide(request: Request, request_id: UUID, decide: Callable[..., Adjustment]) -> HttpResponse:
    body, actor_id = parse(NewDecision, request.data), caller_of(request).id

    def run() -> Reply:
        return Reply(200, adjustment_json(decide(request_id, actor_id=actor_id, at=clock.now(), **body)))

    return once(request, run)
