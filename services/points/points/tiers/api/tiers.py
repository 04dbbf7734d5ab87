"""The tiers of a programme, over HTTP."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.programmes.errors import ProgrammeNotFound
from points.programmes.queries import programme
from points.tiers import operations
from points.tiers.api.answers import TiersAnswer, tiers_json
from points.tiers.api.bodies import TiersBody
from points.tiers.errors import TiersNotFound, TiersRefused
from points.tiers.queries.schemes import newest
from shared import clock
from shared.http.fields import parse
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply

# Members may know what it takes to be gold.
READ = ("points:read", "points:read-any", "programmes:write")


class Tiers(ServiceView):
    """What a programme says of its tiers."""

    scopes = {"GET": READ, "PUT": ("programmes:write",)}

    @operation(
        "get_tiers",
        "Read the tiers of a programme",
        answers={200: TiersAnswer},
        refuses=(ProgrammeNotFound, TiersNotFound),
    )
    def get(self, _request: Request, programme_id: UUID) -> HttpResponse:
        return reply(tiers_json(newest(programme(programme_id).id)))

    @operation(
        "replace_tiers",
        "Let a programme have these tiers from now on; the same again changes nothing",
        body=TiersBody,
        answers={200: TiersAnswer},
        refuses=(ProgrammeNotFound, TiersRefused),
    )
    def put(self, request: Request, programme_id: UUID) -> HttpResponse:
        document, who = parse(TiersBody, request.data)["document"], caller_of(request).id
        return reply(tiers_json(operations.change_scheme(programme_id, document, actor_id=who, at=clock.now())))
