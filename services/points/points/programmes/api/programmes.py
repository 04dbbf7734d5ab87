"""Programmes over HTTP: everybody may read them, operators make and change them."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.programmes import operations, queries
from points.programmes.api.answers import ProgrammeAnswer, programme_json
from points.programmes.api.bodies import ChangedProgramme, NewProgramme
from points.programmes.errors import DefaultClosed, ProgrammeNotFound
from points.programmes.rules import Programme
from shared import clock
from shared.errors import InvalidRequest
from shared.http.fields import PageQuery, parse
from shared.http.pages import page_of, page_reply
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.idempotency.replay import Reply, once

READ = ("points:read", "points:read-any", "programmes:write", "vouchers:read", "merchants:read")


class Programmes(ServiceView):
    """All programmes."""

    scopes = {"GET": READ, "POST": ("programmes:write",)}

    @operation("list_programmes", "List programmes", query=PageQuery, answers={200: page_of(ProgrammeAnswer)})
    def get(self, request: Request) -> HttpResponse:
        parse(PageQuery, request.query_params.dict())
        return page_reply(request, queries.all_programmes(), programme_json)

    @operation(
        "create_programme", "Make a programme", body=NewProgramme, answers={201: ProgrammeAnswer}, moves_value=True
    )
    def post(self, request: Request) -> HttpResponse:
        body = parse(NewProgramme, request.data)

        def run() -> Reply:
            return Reply(201, programme_json(operations.create_programme(**body, at=clock.now())))

        return once(request, run)


class OneProgramme(ServiceView):
    """One programme."""

    scopes = {"GET": READ, "PATCH": ("programmes:write",)}

    @operation("get_programme", "Read a programme", answers={200: ProgrammeAnswer}, refuses=(ProgrammeNotFound,))
    def get(self, _request: Request, programme_id: UUID) -> HttpResponse:
        return reply(programme_json(queries.programme(programme_id)))

    @operation(
        "update_programme",
        "Change a programme",
        body=ChangedProgramme,
        answers={200: ProgrammeAnswer},
        refuses=(DefaultClosed, ProgrammeNotFound),
    )
    def patch(self, request: Request, programme_id: UUID) -> HttpResponse:
        changes = parse(ChangedProgramme, request.data)
        if not changes:
            raise InvalidRequest("Nothing to change is named.")
        changed: Programme = operations.change_programme(
            programme_id, changes=changes, actor_id=caller_of(request).id, at=clock.now()
        )
        return reply(programme_json(changed))
