"""Using vouchers over HTTP: would it work, use it, take that back."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.vouchers import attempts, operations, queries
from points.vouchers.api.access import (
    LARGEST_ORDER,
    READ,
    READ_ANY,
    REDEEM,
    member_asked_for,
    order_asked_for,
)
from points.vouchers.api.answers.vouchers import RedemptionAnswer, redemption_json
from points.vouchers.api.bodies.vouchers import VoucherUse, WhichRedemptions, order_of, redeemer_of
from points.vouchers.errors import (
    AlreadyOnOrder,
    AlreadyRolledBack,
    CampaignBudgetUsedUp,
    CampaignNotActive,
    CampaignUsedUp,
    CurrencyMismatch,
    Expired,
    MemberLimitReached,
    MinSpendNotReached,
    NoDiscount,
    NotStackable,
    NotStarted,
    OrderChanged,
    OrderPaid,
    ReleasedRecently,
    TierRequired,
    TooManyFailedAttempts,
    VoucherCancelled,
    VoucherNotFound,
    VoucherUsedUp,
)
from points.vouchers.rules import Redemption
from shared import clock
from shared.callers import Caller
from shared.errors import NotFound
from shared.http.fields import parse
from shared.http.pages import page_of, page_reply
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.idempotency.replay import Reply, once

NEWEST_FIRST = ("-redeemed_at", "-id")
# By their ids, which sort by time: the table's own index has that order.
NEWEST_OF_ALL = ("-id",)


class Redemptions(ServiceView):
    """Uses of vouchers on orders."""

    scopes = {"GET": (*READ, *REDEEM), "POST": REDEEM}
    max_body_bytes = LARGEST_ORDER

    @operation(
        "list_voucher_redemptions",
        "List redemptions",
        query=WhichRedemptions,
        answers={200: page_of(RedemptionAnswer)},
        refuses=(NotFound,),
    )
    def get(self, request: Request) -> HttpResponse:
        query, caller = parse(WhichRedemptions, request.query_params.dict()), caller_of(request)
        if order := order_asked_for(query, caller):
            found = queries.redemptions_on(*order, member_id=query.get("member_id"))
            return page_reply(request, found, redemption_json, ordering=NEWEST_OF_ALL)
        member_id = member_asked_for(query, caller)
        ordering = NEWEST_FIRST if member_id else NEWEST_OF_ALL
        return page_reply(request, queries.redemptions_of(member_id), redemption_json, ordering=ordering)

    @operation(
        "redeem_voucher",
        "Use a voucher on an order",
        body=VoucherUse,
        answers={201: RedemptionAnswer},
        moves_value=True,
        refuses=(
            AlreadyOnOrder,
            CampaignBudgetUsedUp,
            CampaignNotActive,
            CampaignUsedUp,
            CurrencyMismatch,
            Expired,
            MemberLimitReached,
            MinSpendNotReached,
            NoDiscount,
            NotStackable,
            NotStarted,
            OrderChanged,
            TierRequired,
            TooManyFailedAttempts,
            VoucherCancelled,
            VoucherNotFound,
            VoucherUsedUp,
        ),
    )
    def post(self, request: Request) -> HttpResponse:
        body, caller, at = parse(VoucherUse, request.data), caller_of(request), clock.now()
        code, redeemer = body["code"], redeemer_of(caller, body)
        order = order_of(body["order"], redeemer=redeemer)

        def run() -> Reply:
            return Reply(201, redemption_json(operations.redeem_voucher(code, redeemer=redeemer, order=order, at=at)))

        guesser = attempts.guesser_of(redeemer)
        return attempts.guarded(lambda: once(request, run), guesser, code, at=clock.machine_now())


class OneRedemption(ServiceView):
    """One use of a voucher, for its member and whoever made it."""

    scopes = {"GET": (*READ, *REDEEM)}

    @operation("get_voucher_redemption", "Read a redemption", answers={200: RedemptionAnswer}, refuses=(NotFound,))
    def get(self, request: Request, redemption_id: UUID) -> HttpResponse:
        caller = caller_of(request)
        if any(caller.may(scope) for scope in READ_ANY):
            return reply(redemption_json(queries.any_redemption(redemption_id)))
        found = queries.redemption_seen_by(redemption_id, actor_id=caller.id, merchant_id=caller.merchant_id)
        return reply(redemption_json(found))


class Rollback(ServiceView):
    """The end of a redemption: its use is free again."""

    scopes = {"POST": REDEEM}

    @operation(
        "roll_back_redemption",
        "Roll a redemption back",
        answers={200: RedemptionAnswer},
        moves_value=True,
        refuses=(AlreadyRolledBack, NotFound, OrderPaid, ReleasedRecently),
    )
    def post(self, request: Request, redemption_id: UUID) -> HttpResponse:
        caller = caller_of(request)

        def run() -> Reply:
            redemption = _to_roll_back(redemption_id, caller)
            of_unpaid = not _knows_the_order(redemption, caller)
            rolled_back = operations.roll_back_redemption(
                redemption, actor_id=caller.id, of_unpaid=of_unpaid, at=clock.now()
            )
            return Reply(200, redemption_json(rolled_back))

        return once(request, run)


def _to_roll_back(redemption_id: UUID, caller: Caller) -> Redemption:
    if caller.may("vouchers:redeem-any"):
        return queries.any_redemption(redemption_id)
    return queries.redemption_made_by(redemption_id, actor_id=caller.id, merchant_id=caller.merchant_id)


def _knows_the_order(redemption: Redemption, caller: Caller) -> bool:
    """Tell whether a caller answers for what becomes of a redemption's order: its merchant, or an operator."""
    is_its_merchant = caller.merchant_id is not None and caller.merchant_id == redemption.merchant_id
    return is_its_merchant or caller.may("vouchers:redeem-any")
