"""Which tier members have, over HTTP."""

from django.http import HttpResponse
from rest_framework.request import Request

from points.ledger.api.access import READ, account_of
from points.programmes.errors import ProgrammeNotFound
from points.programmes.queries import programme
from points.tiers.api.answers import TierAnswer, TierChangeAnswer, change_json, then_json, tier_json
from points.tiers.api.bodies import TierChangesQuery, TierQuery
from points.tiers.errors import TiersNotFound
from points.tiers.queries.changes import tier_changes
from points.tiers.queries.past import tier_at
from points.tiers.queries.schemes import schemes
from points.tiers.queries.tiers import tier_of
from shared import clock
from shared.errors import NotFound
from shared.http.fields import parse
from shared.http.pages import page_of, page_reply
from shared.http.swagger import operation
from shared.http.views import ServiceView, reply

_NEWEST = ("-number",)
_REFUSES = (NotFound, ProgrammeNotFound, TiersNotFound)


class Tier(ServiceView):
    """Which tier a member has, and what it takes to rise and to stay; or which one there was at an instant."""

    scopes = READ

    @operation("get_tier", "Read a member's tier", query=TierQuery, answers={200: TierAnswer}, refuses=_REFUSES)
    def get(self, request: Request) -> HttpResponse:
        query = parse(TierQuery, request.query_params.dict())
        whose, now = account_of(request, query), clock.now()
        found = programme(whose["programme_id"])
        said, who = schemes(found), whose["member_id"]
        if at := query.get("at"):
            return reply(then_json(tier_at(found, said, who, at=min(at, now)), metric=said.now.metric, **whose))
        return reply(tier_json(tier_of(found, said, who, at=now), **whose))


class TierChanges(ServiceView):
    """What tiers a member had."""

    scopes = READ

    @operation(
        "list_tier_changes",
        "List the changes of a member's tier, the newest first",
        query=TierChangesQuery,
        answers={200: page_of(TierChangeAnswer)},
        refuses=_REFUSES,
    )
    def get(self, request: Request) -> HttpResponse:
        whose = account_of(request, parse(TierChangesQuery, request.query_params.dict()))
        schemes(programme(whose["programme_id"]))
        return page_reply(request, tier_changes(**whose), change_json, ordering=_NEWEST)
