"""Up to a thousand events in one request."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from points.events import operations
from points.events.api.access import TELL
from points.events.api.answers import EventBatchAnswer, result_json
from points.events.api.bodies import LARGEST_BATCH, NewEventBatch, NewEventBody, told_of
from points.events.rules.events import NewEvent
from points.purchases.operations import Teller
from shared import clock
from shared.callers import Caller
from shared.errors import DomainError, InvalidRequest
from shared.http.fields import parse
from shared.http.problems import field_errors
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of
from shared.idempotency.replay import Reply, once


class EventBatches(ServiceView):
    """Many events at once; each is decided on its own and one that is refused leaves the others alone."""

    scopes = {"POST": TELL}
    max_body_bytes = 8 * 1024 * 1024

    @operation(
        "record_events",
        "Tell up to 1,000 events",
        body=NewEventBatch,
        answers={200: EventBatchAnswer},
        moves_value=True,
    )
    def post(self, request: Request) -> HttpResponse:
        given, caller = _events(request.data), caller_of(request)
        return once(request, lambda: Reply(200, {"results": _run(given, caller, clock.now())}))


def _events(body: Any) -> list[Any]:
    given = body.get("events") if isinstance(body, Mapping) and len(body) == 1 else None
    if not isinstance(given, list) or not 1 <= len(given) <= LARGEST_BATCH:
        detail = f"An object with `events`, a list of 1 to {LARGEST_BATCH}, is expected."
        raise InvalidRequest(errors=[{"field": "events", "code": "invalid", "detail": detail}])
    return given


def _run(given: Sequence[Any], caller: Caller, at: datetime) -> list[dict[str, Any]]:
    """Record what can be recorded and return a result for each."""
    read = [_told(one, caller) for one in given]
    told = [one for one in read if isinstance(one, NewEvent)]
    became = iter(operations.record_events(told, teller=Teller(caller.id, caller.is_person), at=at))
    return [result_json(index, next(became) if isinstance(one, NewEvent) else one) for index, one in enumerate(read)]


def _told(given: Any, caller: Caller) -> NewEvent | DomainError:
    """Return an event by the same fields as a single request's, or what is wrong with it."""
    try:
        return told_of(parse(NewEventBody, given), caller)
    except serializers.ValidationError as error:
        return InvalidRequest(errors=list(field_errors(error.detail)))
    except InvalidRequest as refusal:
        return refusal
