"""Expiry runs over HTTP: ask for one, watch it, cancel it."""

from functools import partial
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.expiry import operations
from points.expiry.api.answers import ExpiryRunAnswer, ExpiryRunPage, expiry_run_json
from points.expiry.api.bodies import ExpiryRunsQuery, NewExpiryRun
from points.expiry.errors import ExpiryInFuture, ExpiryRunFinished, ExpiryRunNotFound
from points.expiry.rows import expiry_runs
from points.programmes.errors import ProgrammeNotFound
from shared import clock
from shared.http.fields import parse
from shared.http.pages import page_reply
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.idempotency.replay import Reply, once

_ADJUST = ("points:adjust",)


class ExpiryRuns(ServiceView):
    """The expiry of what has ended, as a job: chunk by chunk in the background, and nothing that is alive.

    Dead points cannot be spent whether or not their lots have expired, so that nobody waits for it."""

    scopes = {"GET": _ADJUST, "POST": _ADJUST}

    @operation("list_expiry_runs", "List expiry runs", query=ExpiryRunsQuery, answers={200: ExpiryRunPage})
    def get(self, request: Request) -> HttpResponse:
        state = parse(ExpiryRunsQuery, request.query_params.dict()).get("state")
        return page_reply(request, expiry_runs.listed(state), partial(expiry_run_json, at=clock.now()))

    @operation(
        "create_expiry_run",
        "Expire in the background what has ended",
        body=NewExpiryRun,
        answers={202: ExpiryRunAnswer},
        moves_value=True,
        refuses=(ExpiryInFuture, ProgrammeNotFound),
    )
    def post(self, request: Request) -> HttpResponse:
        body, caller = parse(NewExpiryRun, request.data), caller_of(request)

        def run() -> Reply:
            at, programme_id = clock.now(), body.get("programme")
            asked = operations.start_expiry_run(
                as_of=body.get("as_of"), programme_id=programme_id, requested_by=caller.id, at=at
            )
            return Reply(202, expiry_run_json(asked, at=at))

        return once(request, run)


class OneExpiryRun(ServiceView):
    """An expiry run's progress; what has expired stays so, whatever becomes of the run."""

    scopes = {"GET": _ADJUST}

    @operation("get_expiry_run", "Read an expiry run", answers={200: ExpiryRunAnswer}, refuses=(ExpiryRunNotFound,))
    def get(self, _request: Request, run_id: UUID) -> HttpResponse:
        return reply(expiry_run_json(expiry_runs.read(run_id), at=clock.now()))


class CancelExpiryRun(ServiceView):
    """The end of an expiry run before it is done: after the chunk in hand. Again, it changes nothing."""

    scopes = {"POST": _ADJUST}

    @operation(
        "cancel_expiry_run",
        "Cancel an expiry run",
        answers={200: ExpiryRunAnswer},
        refuses=(ExpiryRunFinished, ExpiryRunNotFound),
    )
    def post(self, _request: Request, run_id: UUID) -> HttpResponse:
        at = clock.now()
        return reply(expiry_run_json(operations.EXPIRY_RUNS.cancel(run_id, at=at), at=at))
