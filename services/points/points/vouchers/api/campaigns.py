"""Campaigns over HTTP: operators make and change them, members see those they can take part in."""

from functools import partial
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.programmes.errors import ProgrammeNotFound
from points.programmes.queries import programme
from points.vouchers import operations, queries
from points.vouchers.api.access import MANAGE, READ
from points.vouchers.api.answers.campaigns import CampaignAnswer, campaign_json
from points.vouchers.api.bodies.campaigns import (
    ChangedCampaign,
    NewCampaign,
    campaign_fields,
    with_instants,
    with_plain_amounts,
)
from points.vouchers.errors import (
    CampaignFrozen,
    CampaignTermsInvalid,
    LimitBelowUse,
    MoveNotAllowed,
    TierUnknown,
)
from points.vouchers.tiers import Tiers
from shared import clock
from shared.callers import Caller
from shared.errors import InvalidRequest, NotFound
from shared.http.fields import PageQuery, parse
from shared.http.pages import page_of, page_reply
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.idempotency.replay import Reply, once


class Campaigns(ServiceView):
    """All campaigns for operators; for members those that are open."""

    scopes = {"GET": READ, "POST": MANAGE}

    @operation("list_campaigns", "List voucher campaigns", query=PageQuery, answers={200: page_of(CampaignAnswer)})
    def get(self, request: Request) -> HttpResponse:
        parse(PageQuery, request.query_params.dict())
        tiers, at = _tiers_of(caller_of(request)), clock.now()
        found = queries.open_campaigns(at=at) if tiers else queries.campaigns()
        return page_reply(request, found, partial(campaign_json, tiers=tiers))

    @operation(
        "create_campaign",
        "Make a voucher campaign",
        body=NewCampaign,
        answers={201: CampaignAnswer},
        moves_value=True,
        refuses=(CampaignTermsInvalid, ProgrammeNotFound, TierUnknown),
    )
    def post(self, request: Request) -> HttpResponse:
        body, at = parse(NewCampaign, request.data), clock.now()

        def run() -> Reply:
            fields = campaign_fields(body, programme(body.get("programme")), at=at)
            return Reply(201, campaign_json(operations.create_campaign(fields=fields, at=at), tiers=None))

        return once(request, run)


def _tiers_of(caller: Caller) -> Tiers | None:
    """Return the tiers by which a member sees campaigns; None for who manages them."""
    return None if caller.may("vouchers:manage") else Tiers(caller.id, at=clock.now())


class OneCampaign(ServiceView):
    """One campaign."""

    scopes = {"GET": READ, "PATCH": MANAGE}

    @operation("get_campaign", "Read a voucher campaign", answers={200: CampaignAnswer}, refuses=(NotFound,))
    def get(self, request: Request, campaign_id: UUID) -> HttpResponse:
        tiers = _tiers_of(caller_of(request))
        found = queries.known_campaign(campaign_id) if tiers else queries.campaign(campaign_id)
        return reply(campaign_json(found, tiers=tiers))

    @operation(
        "update_campaign",
        "Change a voucher campaign",
        body=ChangedCampaign,
        answers={200: CampaignAnswer},
        refuses=(CampaignFrozen, CampaignTermsInvalid, LimitBelowUse, NotFound, TierUnknown),
    )
    def patch(self, request: Request, campaign_id: UUID) -> HttpResponse:
        body = parse(ChangedCampaign, request.data)
        if not body:
            raise InvalidRequest("Nothing to change is named.")
        campaign = queries.campaign(campaign_id)
        changes = with_plain_amounts(with_instants(body, programme(campaign.programme_id)), campaign.currency)
        changed = operations.change_campaign(campaign_id, changes=changes, at=clock.now())
        return reply(campaign_json(changed, tiers=None))


class _Move(ServiceView):
    """A campaign's next status. It needs no idempotency key: asked for again, it changes nothing."""

    scopes = {"POST": MANAGE}
    requested = ""

    def _move(self, campaign_id: UUID) -> HttpResponse:
        campaign = operations.move_campaign(campaign_id, requested=self.requested, at=clock.now())
        return reply(campaign_json(campaign, tiers=None))


moves = partial(operation, answers={200: CampaignAnswer})


class Activate(_Move):
    """Open a campaign, or open it again."""

    requested = "active"

    @moves("activate_campaign", "Activate a voucher campaign", refuses=(MoveNotAllowed, NotFound))
    def post(self, _request: Request, campaign_id: UUID) -> HttpResponse:
        return self._move(campaign_id)


class Pause(_Move):
    """Close a campaign for a while."""

    requested = "paused"

    @moves("pause_campaign", "Pause a voucher campaign", refuses=(MoveNotAllowed, NotFound))
    def post(self, _request: Request, campaign_id: UUID) -> HttpResponse:
        return self._move(campaign_id)


class End(_Move):
    """Close a campaign for good."""

    requested = "ended"

    @moves("end_campaign", "End a voucher campaign", refuses=(NotFound,))
    def post(self, _request: Request, campaign_id: UUID) -> HttpResponse:
        return self._move(campaign_id)
