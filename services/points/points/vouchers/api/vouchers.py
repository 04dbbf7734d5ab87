"""Vouchers over HTTP: taking one and reading one's own."""

from functools import partial
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.ledger.errors import InsufficientPoints, MemberMerged
from points.vouchers import cancellations, operations, queries
from points.vouchers.api.answers import VoucherAnswer, voucher_json
from points.vouchers.api.bodies import NewClaim, Nothing
from points.vouchers.api.campaigns import READ
from points.vouchers.api.pages import page_reply
from points.vouchers.attempts import guarded
from points.vouchers.codes import normalised
from points.vouchers.errors import (
    CampaignNotActive,
    CampaignUsedUp,
    Expired,
    MemberLimitReached,
    NotStarted,
    ReleasedRecently,
    SoldOut,
    TooManyFailedAttempts,
    VoucherCancelled,
    VoucherNotBought,
    VoucherNotFound,
    VoucherUsed,
)
from shared import clock
from shared.errors import NotFound
from shared.http.fields import Identifier, PageQuery, parse
from shared.http.pages import page_of
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.idempotency.replay import Reply, once

LAST_TAKEN_FIRST = ("-issued_at", "-id")


class WhoseVouchers(PageQuery):
    """Whose vouchers; left out: the caller's."""

    member_id = Identifier(required=False)


def member_asked_for(request: Request) -> UUID:
    """Return whose things a list is of: the member named in the query, or the caller.

    :raises NotFound: another member is named without the right to see everybody's.
    """
    query = parse(WhoseVouchers, request.query_params.dict())
    return caller_of(request).member_or_self(query.get("member_id"), any_scope="vouchers:manage")


class Claims(ServiceView):
    """Vouchers of a campaign that members take."""

    scopes = {"POST": ("vouchers:claim",)}

    @operation(
        "Take a voucher and pay for it",
        body=NewClaim,
        answers={201: VoucherAnswer},
        moves_value=True,
        refuses=(
            CampaignNotActive,
            CampaignUsedUp,
            Expired,
            InsufficientPoints,
            MemberLimitReached,
            MemberMerged,
            NotFound,
            NotStarted,
            SoldOut,
        ),
    )
    def post(self, request: Request, campaign_id: UUID) -> HttpResponse:
        body, caller = parse(NewClaim, request.data), caller_of(request)
        member_id = caller.member_or_self(body.get("member_id"), any_scope="vouchers:manage")

        def run() -> Reply:
            at = clock.now()
            voucher = operations.claim_voucher(campaign_id, member_id=member_id, actor_id=caller.id, at=at)
            return Reply(201, voucher_json(voucher, at=at))

        return once(request, run)


class Vouchers(ServiceView):
    """A member's vouchers."""

    scopes = {"GET": READ}

    @operation("List vouchers", query=WhoseVouchers, answers={200: page_of(VoucherAnswer)}, refuses=(NotFound,))
    def get(self, request: Request) -> HttpResponse:
        found, show = queries.vouchers_of(member_asked_for(request)), partial(voucher_json, at=clock.now())
        return page_reply(request, found, show, ordering=LAST_TAKEN_FIRST)


class OneVoucher(ServiceView):
    """One voucher by its code, for whoever holds it."""

    scopes = {"GET": READ}

    @operation("Read a voucher", answers={200: VoucherAnswer}, refuses=(TooManyFailedAttempts, VoucherNotFound))
    def get(self, request: Request, code: str) -> HttpResponse:
        caller, at = caller_of(request), clock.now()
        member_id = None if caller.may("vouchers:manage") else caller.id

        def respond() -> HttpResponse:
            return reply(voucher_json(queries.voucher(normalised(code), member_id=member_id), at=at))

        return guarded(respond, account_id=caller.id, at=at)


class Cancellation(ServiceView):
    """A bought voucher given back."""

    scopes = {"POST": ("vouchers:claim", "vouchers:manage")}

    @operation(
        "Give an unused voucher back for its price",
        body=Nothing,
        answers={200: VoucherAnswer},
        moves_value=True,
        refuses=(
            Expired,
            MemberMerged,
            ReleasedRecently,
            TooManyFailedAttempts,
            VoucherCancelled,
            VoucherNotBought,
            VoucherNotFound,
            VoucherUsed,
        ),
    )
    def post(self, request: Request, code: str) -> HttpResponse:
        parse(Nothing, request.data)
        caller, at = caller_of(request), clock.now()
        member_id = None if caller.may("vouchers:manage") else caller.id

        def run() -> Reply:
            done = cancellations.cancel_voucher(normalised(code), member_id=member_id, actor_id=caller.id, at=at)
            return Reply(200, voucher_json(done, at=at))

        return guarded(lambda: once(request, run), account_id=caller.id, at=at)
