"""Members who bring their tiers from another system, over HTTP."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from points.programmes.errors import ProgrammeNotFound
from points.programmes.queries import programme
from points.segments.api.access import OPERATORS, SEE
from points.tiers import operations
from points.tiers.api.answers import MadeTierImportAnswer, TierImportAnswer, import_json, start_json
from points.tiers.api.bodies import LARGEST_IMPORT, NewTierImport, NewTierStart
from points.tiers.errors import TiersNotFound
from points.tiers.queries.imports import tier_imports
from points.tiers.rules import Start
from shared import clock
from shared.errors import InvalidRequest
from shared.http.fields import PageQuery, parse
from shared.http.pages import page_of, page_reply
from shared.http.problems import field_errors
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of
from shared.idempotency.replay import Reply, once

_NEWEST = ("-id",)


class TierImports(ServiceView):
    """Tiers that members had elsewhere; each is decided on its own, and one that is refused leaves the others alone."""

    scopes = {"GET": SEE, "POST": OPERATORS}
    max_body_bytes = 1024 * 1024

    @operation(
        "list_tier_imports",
        "List the imports of tiers from elsewhere, the newest first",
        query=PageQuery,
        answers={200: page_of(MadeTierImportAnswer)},
        refuses=(ProgrammeNotFound,),
    )
    def get(self, request: Request, programme_id: UUID) -> HttpResponse:
        parse(PageQuery, request.query_params.dict())
        return page_reply(request, tier_imports(programme(programme_id).id), import_json, ordering=_NEWEST)

    @operation(
        "import_tiers",
        "Let up to 1,000 members begin with tiers that they had elsewhere",
        body=NewTierImport,
        answers={200: TierImportAnswer},
        moves_value=True,
        refuses=(ProgrammeNotFound, TiersNotFound),
    )
    def post(self, request: Request, programme_id: UUID) -> HttpResponse:
        given, who = _members(request.data), caller_of(request).id
        return once(request, lambda: Reply(200, _run(programme_id, given, who)))


def _members(body: Any) -> list[Any]:
    given = body.get("members") if isinstance(body, Mapping) and len(body) == 1 else None
    if not isinstance(given, list) or not 1 <= len(given) <= LARGEST_IMPORT:
        detail = f"An object with `members`, a list of 1 to {LARGEST_IMPORT}, is expected."
        raise InvalidRequest(errors=[{"field": "members", "code": "invalid", "detail": detail}])
    return given


def _run(programme_id: UUID, given: Sequence[Any], who: UUID) -> dict[str, Any]:
    """Bring what can be brought, and return a result for each."""
    read = [_start(one) for one in given]
    starts = [one for one in read if isinstance(one, Start)]
    made, outcomes = operations.import_tiers(programme(programme_id), starts, actor_id=who, at=clock.now())
    became = iter(outcomes)
    results = [start_json(index, next(became) if isinstance(one, Start) else one) for index, one in enumerate(read)]
    return {"id": made.id, "programme": programme_id, "results": results}


def _start(given: Any) -> Start | InvalidRequest:
    try:
        return Start(**parse(NewTierStart, given))
    except serializers.ValidationError as error:
        return InvalidRequest(errors=list(field_errors(error.detail)))
    except InvalidRequest as refusal:
        return refusal
