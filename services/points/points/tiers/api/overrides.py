"""Tiers that operators give members by hand, over HTTP."""

from functools import partial
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.ledger.errors import MemberMerged
from points.programmes.errors import ProgrammeNotFound
from points.programmes.queries import programme
from points.segments.api.access import OPERATORS, SEE
from points.tiers import operations
from points.tiers.api.answers import TierOverrideAnswer, override_json
from points.tiers.api.bodies import NewTierOverride
from points.tiers.errors import TierOverridden, TierOverrideNotFound, TierOverrideOver, TiersNotFound, TierUnknown
from points.tiers.queries.overrides import overrides
from shared import clock
from shared.errors import MemberUnknown
from shared.http.fields import PageQuery, parse
from shared.http.pages import page_of, page_reply
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.idempotency.replay import Reply, once

_NEWEST = ("-id",)
_NOT_FOUND = (ProgrammeNotFound, TiersNotFound)


class TierOverrides(ServiceView):
    """Who was given a tier by hand in a programme: by whom, why and until when."""

    scopes = {"GET": SEE, "POST": OPERATORS}

    @operation(
        "list_tier_overrides",
        "List the tiers that members were given by hand, the newest first",
        query=PageQuery,
        answers={200: page_of(TierOverrideAnswer)},
        refuses=(ProgrammeNotFound,),
    )
    def get(self, request: Request, programme_id: UUID) -> HttpResponse:
        parse(PageQuery, request.query_params.dict())
        found = overrides(programme(programme_id).id)
        return page_reply(request, found, partial(override_json, at=clock.now()), ordering=_NEWEST)

    @operation(
        "create_tier_override",
        "Give a member a tier by hand, whatever progress says",
        body=NewTierOverride,
        answers={201: TierOverrideAnswer},
        moves_value=True,
        refuses=(*_NOT_FOUND, TierUnknown, TierOverrideOver, TierOverridden, MemberMerged, MemberUnknown),
    )
    def post(self, request: Request, programme_id: UUID) -> HttpResponse:
        body, who = {"until": None} | parse(NewTierOverride, request.data), caller_of(request).id

        def run() -> Reply:
            at = clock.now()
            made = operations.override_tier(programme(programme_id), **body, actor_id=who, at=at)
            return Reply(201, override_json(made, at=at))

        return once(request, run)


class EndTierOverride(ServiceView):
    """The end of a tier by hand before its time. Again, it changes nothing."""

    scopes = {"POST": OPERATORS}

    @operation(
        "end_tier_override",
        "End a tier by hand: the member has the one that progress says",
        answers={200: TierOverrideAnswer},
        refuses=(ProgrammeNotFound, TierOverrideNotFound),
    )
    def post(self, request: Request, programme_id: UUID, override_id: UUID) -> HttpResponse:
        who, at = caller_of(request).id, clock.now()
        made = operations.end_override(programme(programme_id), override_id, actor_id=who, at=at)
        return reply(override_json(made, at=at))
