"""The test clock: looking at it and moving it."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from payments.sandbox import queries
from payments.sandbox.api.answers import ClockAnswer, ClockMoveAnswer, clock_json, move_json
from payments.sandbox.api.bodies import ClockMoveBody
from payments.sandbox.errors import ClockBehind, ClockMoving, ClockTooFar
from payments.sandbox.models import DONE
from payments.sandbox.operations import begin_move
from shared import clock
from shared.http.fields import parse
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.idempotency.phases import once_in_phases
from shared.idempotency.replay import Reply

# The gateway waits 35 s for an answer, and gunicorn 30 s for its worker.
PATIENCE_SECONDS = 25.0


class Clock(ServiceView):
    """The installation's time; routed in the sandbox only."""

    scopes = {"GET": ("clock:move",), "POST": ("clock:move",)}

    @operation("get_clock", "Read the test clock and its last move", answers={200: ClockAnswer})
    def get(self, _request: Request) -> HttpResponse:
        return reply(clock_json(now=clock.now(), machine_now=clock.machine_now()))

    @operation(
        "move_clock",
        "Move the time of all services forward, through everything that falls due",
        body=ClockMoveBody,
        answers={200: ClockMoveAnswer, 202: ClockMoveAnswer},
        moves_value=True,
        refuses=(ClockBehind, ClockTooFar, ClockMoving),
    )
    def post(self, request: Request) -> HttpResponse:
        body, caller = parse(ClockMoveBody, request.data), caller_of(request)
        [target] = body.values()

        def begin() -> UUID:
            return begin_move(target, requested_by=caller.id, at=clock.now()).id

        def finish(move_id: UUID) -> Reply:
            move = queries.after_some_time(move_id, seconds=PATIENCE_SECONDS)
            return Reply(200 if move.state == DONE else 202, move_json(move))

        return once_in_phases(request, begin, finish)
