"""Requests about points that were earned and wait."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.ledger import operations, queries
from points.ledger import pending as rows
from points.ledger.api.access import NEWEST_OF_ALL, READ, account_of, is_of_all, programme_named
from points.ledger.api.answers.pending import ActivationsAnswer, PendingAnswer, pending_json
from points.ledger.api.answers.transactions import transaction_json
from points.ledger.api.bodies.postings import NewActivation, NewPendingMove
from points.ledger.api.bodies.reads import PendingQuery
from points.ledger.errors import MemberMerged, PendingNotFound, PendingNotOpen
from points.ledger.models import PendingPoints
from points.ledger.rules.values import Pending
from points.programmes.errors import ProgrammeNotFound
from shared import clock
from shared.errors import NotFound
from shared.http.fields import parse
from shared.http.pages import page_of, page_reply
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.idempotency.replay import Reply, once

_OLDEST = ("id",)
_MOVE_REFUSES = (MemberMerged, PendingNotFound, PendingNotOpen)


class PendingList(ServiceView):
    """Pending points: a member's, the oldest first, or everybody's, the newest first."""

    scopes = READ

    @operation(
        "list_pending_points",
        "List pending points",
        query=PendingQuery,
        answers={200: page_of(PendingAnswer)},
        refuses=(NotFound, ProgrammeNotFound),
    )
    def get(self, request: Request) -> HttpResponse:
        query, at = parse(PendingQuery, request.query_params.dict()), clock.now()
        state, is_of_everybody = query["state"], is_of_all(request, query)
        ordering = NEWEST_OF_ALL if is_of_everybody else _OLDEST
        if is_of_everybody:
            found = queries.all_pending(programme_id=programme_named(query), state=state, at=at)
        else:
            found = queries.pending_of(**account_of(request, query), state=state, at=at)
        return page_reply(request, found, partial(pending_json, at=at), load=_read, ordering=ordering)


def _read(page: list[PendingPoints]) -> list[Pending]:
    known = {one.id: one for one in rows.read(named=[row.id for row in page])}
    return [known[row.id] for row in page]


class OnePending(ServiceView):
    """Points that are or were pending."""

    scopes = READ

    @operation("get_pending_points", "Read pending points", answers={200: PendingAnswer}, refuses=(PendingNotFound,))
    def get(self, request: Request, pending_id: UUID) -> HttpResponse:
        found, caller = queries.known_pending(pending_id), caller_of(request)
        if found.member_id != caller.id and not caller.may("points:read-any"):
            raise PendingNotFound()
        return reply(pending_json(found, at=clock.now()))


class Activations(ServiceView):
    """Events that pending points wait for."""

    scopes = {"POST": ("points:earn",)}

    @operation(
        "activate_for_event",
        "Activate what waits for an event",
        body=NewActivation,
        answers={200: ActivationsAnswer},
        moves_value=True,
        refuses=(MemberMerged, ProgrammeNotFound),
    )
    def post(self, request: Request) -> HttpResponse:
        body, actor_id = parse(NewActivation, request.data), caller_of(request).id
        programme_id = body.pop("programme", None)

        def run() -> Reply:
            at = clock.now()
            facts = operations.activate_on_event(programme_id=programme_id, actor_id=actor_id, at=at, **body)
            return Reply(200, {"activated": [transaction_json(fact) for fact in facts]})

        return once(request, run)


class ManualActivations(ServiceView):
    """Pending points made available by a person."""

    scopes = {"POST": ("points:adjust",)}

    @operation(
        "activate_pending_points",
        "Activate pending points before their time",
        body=NewPendingMove,
        answers={200: PendingAnswer},
        moves_value=True,
        refuses=_MOVE_REFUSES,
    )
    def post(self, request: Request, pending_id: UUID) -> HttpResponse:
        return _move(request, pending_id, operations.activate_pending)


class Cancellations(ServiceView):
    """Pending points taken back by a person."""

    scopes = {"POST": ("points:adjust",)}

    @operation(
        "cancel_pending_points",
        "Cancel pending points",
        body=NewPendingMove,
        answers={200: PendingAnswer},
        moves_value=True,
        refuses=_MOVE_REFUSES,
    )
    def post(self, request: Request, pending_id: UUID) -> HttpResponse:
        return _move(request, pending_id, operations.cancel_pending)


def _move(request: Request, pending_id: UUID, move: Callable[..., Pending]) -> HttpResponse:
    body, actor_id = parse(NewPendingMove, request.data), caller_of(request).id

    def run() -> Reply:
        at: datetime = clock.now()
        return Reply(200, pending_json(move(pending_id, actor_id=actor_id, at=at, **body), at=at))

    return once(request, run)
