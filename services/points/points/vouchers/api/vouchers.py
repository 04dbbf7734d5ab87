"""Vouchers over HTTP: taking one and reading one's own."""

from functools import partial
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.ledger.errors import BalanceTooLarge, InsufficientPoints, MemberMerged
from points.vouchers import operations, queries
from points.vouchers.api.access import READ, member_asked_for
from points.vouchers.api.answers.vouchers import VoucherAnswer, voucher_json
from points.vouchers.api.bodies.vouchers import NewClaim, Nothing, WhoseVouchers, normalised
from points.vouchers.attempts import guarded
from points.vouchers.errors import (
    CampaignNotActive,
    CampaignUsedUp,
    Expired,
    MemberLimitReached,
    NotStarted,
    ReleasedRecently,
    SoldOut,
    TierRequired,
    TooManyFailedAttempts,
    VoucherCancelled,
    VoucherNotBought,
    VoucherNotFound,
    VoucherUsed,
)
from points.vouchers.rules import Guesser
from shared import clock
from shared.errors import InsufficientScope, InvalidRequest, MemberDeactivated, NotFound
from shared.http.fields import parse
from shared.http.pages import page_of, page_reply
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.idempotency.replay import Reply, once

LAST_TAKEN_FIRST = ("-issued_at", "-id")


def _who_takes(request: Request) -> UUID:
    """Return who takes a voucher: the caller, or the member whom an operator names.

    :raises InsufficientScope: another member is named without the right to.
    :raises InvalidRequest: nobody is named, and the caller is no member.
    """
    named: UUID | None = parse(NewClaim, request.data).get("member_id")
    caller = caller_of(request)
    if named in (None, caller.id) and caller.may("vouchers:claim"):
        return caller.id
    if not caller.may("vouchers:manage"):
        raise InsufficientScope(required=["vouchers:manage"])
    if named is None:
        detail = "Who gives a voucher names the member."
        raise InvalidRequest(errors=[{"field": "member_id", "code": "required", "detail": detail}])
    return named


class Claims(ServiceView):
    """Vouchers of a campaign that members take, or get from operators."""

    scopes = {"POST": ("vouchers:claim", "vouchers:manage")}

    @operation(
        "claim_voucher",
        "Take a voucher and pay for it",
        body=NewClaim,
        answers={201: VoucherAnswer},
        moves_value=True,
        refuses=(
            CampaignNotActive,
            CampaignUsedUp,
            Expired,
            InsufficientPoints,
            MemberDeactivated,
            MemberLimitReached,
            MemberMerged,
            NotFound,
            NotStarted,
            SoldOut,
            TierRequired,
        ),
    )
    def post(self, request: Request, campaign_id: UUID) -> HttpResponse:
        member_id, actor_id = _who_takes(request), caller_of(request).id

        def run() -> Reply:
            at = clock.now()
            voucher = operations.claim_voucher(campaign_id, member_id=member_id, actor_id=actor_id, at=at)
            return Reply(201, voucher_json(voucher, at=at))

        return once(request, run)


class Vouchers(ServiceView):
    """Vouchers that members have: one's own, or everybody's."""

    scopes = {"GET": READ}

    @operation(
        "list_vouchers",
        "List vouchers",
        query=WhoseVouchers,
        answers={200: page_of(VoucherAnswer)},
        refuses=(NotFound,),
    )
    def get(self, request: Request) -> HttpResponse:
        query = parse(WhoseVouchers, request.query_params.dict())
        found = queries.vouchers_of(member_asked_for(query, caller_of(request)))
        show = partial(voucher_json, at=clock.now())
        return page_reply(request, found, show, ordering=LAST_TAKEN_FIRST)


class OneVoucher(ServiceView):
    """One voucher by its code, for whoever holds it."""

    scopes = {"GET": READ}

    @operation(
        "get_voucher", "Read a voucher", answers={200: VoucherAnswer}, refuses=(TooManyFailedAttempts, VoucherNotFound)
    )
    def get(self, request: Request, code: str) -> HttpResponse:
        caller, at = caller_of(request), clock.now()
        manages = caller.may("vouchers:manage")

        def respond() -> HttpResponse:
            found = queries.voucher(normalised(code), of=None if manages else [caller.id])
            return reply(voucher_json(found, at=at))

        # Whoever may list all codes guesses none.
        if manages:
            return respond()
        return guarded(respond, Guesser(caller.id), normalised(code), at=clock.machine_now())


class Cancellation(ServiceView):
    """A bought voucher given back."""

    scopes = {"POST": ("vouchers:claim", "vouchers:manage")}

    @operation(
        "cancel_voucher",
        "Give an unused voucher back for its price",
        body=Nothing,
        answers={200: VoucherAnswer},
        moves_value=True,
        refuses=(
            BalanceTooLarge,
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
        manages = caller.may("vouchers:manage")
        member_id = None if manages else caller.id

        def run() -> Reply:
            done = operations.cancel_voucher(normalised(code), member_id=member_id, actor_id=caller.id, at=at)
            return Reply(200, voucher_json(done, at=at))

        if manages:
            return once(request, run)
        guesser = Guesser(caller.id)
        return guarded(lambda: once(request, run), guesser, normalised(code), at=clock.machine_now())
