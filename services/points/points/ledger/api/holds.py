"""Requests that set points aside, and close what was set aside."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.ledger import operations, queries
from points.ledger.api.answers.holds import HoldAnswer, hold_json
from points.ledger.api.bodies.postings import NewCapture, NewEnd, NewHold, NoBody
from points.ledger.errors import CaptureTooLarge, HoldNotFound, HoldNotOpen, InsufficientPoints, MemberMerged
from points.ledger.rules.values import Hold
from points.programmes.errors import ProgrammeNotFound
from shared import clock
from shared.errors import NotFound
from shared.http.fields import parse
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.idempotency.replay import Reply, once

_WRITE = {"POST": ("points:redeem", "points:redeem-any")}


class Holds(ServiceView):
    """Points set aside."""

    scopes = _WRITE

    @operation(
        "create_hold",
        "Set points aside",
        body=NewHold,
        answers={201: HoldAnswer},
        moves_value=True,
        refuses=(InsufficientPoints, MemberMerged, NotFound, ProgrammeNotFound),
    )
    def post(self, request: Request) -> HttpResponse:
        body, caller = parse(NewHold, request.data), caller_of(request)
        member_id = caller.member_or_self(body.pop("member_id", None), any_scope="points:redeem-any")
        programme_id, lasts = body.pop("programme", None), timedelta(seconds=body.pop("expires_in"))

        def run() -> Reply:
            at = clock.now()
            made = operations.hold_points(
                programme_id=programme_id, member_id=member_id, actor_id=caller.id, expires_at=at + lasts, at=at, **body
            )
            return Reply(201, hold_json(made, at=at))

        return once(request, run)


class OneHold(ServiceView):
    """One hold."""

    scopes = {"GET": ("points:read", "points:read-any")}

    @operation("get_hold", "Read a hold", answers={200: HoldAnswer}, refuses=(HoldNotFound,))
    def get(self, request: Request, hold_id: UUID) -> HttpResponse:
        found = _theirs(request, hold_id, any_scope="points:read-any")
        return reply(hold_json(found, at=clock.now()))


class Captures(ServiceView):
    """A hold spent."""

    scopes = _WRITE

    @operation(
        "capture_hold",
        "Capture a hold, whole or in part",
        body=NewCapture,
        answers={200: HoldAnswer},
        moves_value=True,
        refuses=(CaptureTooLarge, HoldNotFound, HoldNotOpen, MemberMerged),
    )
    def post(self, request: Request, hold_id: UUID) -> HttpResponse:
        points, actor_id = parse(NewCapture, request.data).get("points"), caller_of(request).id
        return _move(
            request, hold_id, lambda at: operations.capture_hold(hold_id, points=points, actor_id=actor_id, at=at)
        )


class Voids(ServiceView):
    """A hold given back."""

    scopes = _WRITE

    @operation(
        "void_hold",
        "Void a hold",
        body=NoBody,
        answers={200: HoldAnswer},
        moves_value=True,
        refuses=(HoldNotFound, HoldNotOpen, MemberMerged),
    )
    def post(self, request: Request, hold_id: UUID) -> HttpResponse:
        parse(NoBody, request.data)
        return _move(request, hold_id, lambda at: operations.void_hold(hold_id, at=at))


class Extensions(ServiceView):
    """A hold that ends later."""

    scopes = _WRITE

    @operation(
        "extend_hold",
        "Extend a hold",
        body=NewEnd,
        answers={200: HoldAnswer},
        moves_value=True,
        refuses=(HoldNotFound, HoldNotOpen),
    )
    def post(self, request: Request, hold_id: UUID) -> HttpResponse:
        lasts = timedelta(seconds=parse(NewEnd, request.data)["expires_in"])
        return _move(request, hold_id, lambda at: operations.extend_hold(hold_id, expires_at=at + lasts, at=at))


def _move(request: Request, hold_id: UUID, move: Callable[[datetime], Hold]) -> HttpResponse:
    def run() -> Reply:
        at = clock.now()
        _theirs(request, hold_id, any_scope="points:redeem-any")
        return Reply(200, hold_json(move(at), at=at))

    return once(request, run)


def _theirs(request: Request, hold_id: UUID, *, any_scope: str) -> Hold:
    found, caller = queries.known_hold(hold_id), caller_of(request)
    if found.member_id != caller.id and not caller.may(any_scope):
        raise HoldNotFound()
    return found
