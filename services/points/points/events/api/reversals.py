"""An event taken back over HTTP, with what it earned."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.events import operations
from points.events.api.answers import EventAnswer, event_json
from points.events.errors import EventNotFound
from points.ledger.api.bodies.postings import NewReversal
from points.ledger.errors import AlreadyReversed, NotReversible
from shared import clock
from shared.http.fields import parse
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of
from shared.idempotency.replay import Reply, once


class EventReversals(ServiceView):
    """An event that is taken back."""

    scopes = {"POST": ("points:adjust",)}

    @operation(
        "reverse_event",
        "Take back an event with what it earned",
        body=NewReversal,
        answers={201: EventAnswer},
        moves_value=True,
        refuses=(AlreadyReversed, EventNotFound, NotReversible),
    )
    def post(self, request: Request, event_id: UUID) -> HttpResponse:
        body, actor_id = parse(NewReversal, request.data), caller_of(request).id

        def run() -> Reply:
            made = operations.reverse_event(event_id, actor_id=actor_id, at=clock.now(), **body)
            return Reply(201, event_json(made))

        return once(request, run)
