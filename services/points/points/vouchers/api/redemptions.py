"""Using vouchers over HTTP: would it work, use it, take that back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.vouchers import attempts, operations, orders, precedence, queries, rules
from points.vouchers.api.answers import RedemptionAnswer, ValidationAnswer, redemption_json
from points.vouchers.api.bodies import VoucherUse, order_of
from points.vouchers.api.campaigns import READ
from points.vouchers.api.pages import page_reply
from points.vouchers.api.vouchers import WhoseVouchers, member_asked_for
from points.vouchers.codes import normalised
from points.vouchers.errors import (
    AlreadyOnOrder,
    AlreadyRolledBack,
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
    TooManyFailedAttempts,
    VoucherCancelled,
    VoucherNotFound,
    VoucherUsedUp,
)
from points.vouchers.rules import Redeemer, Redemption
from shared import clock
from shared.callers import Caller
from shared.errors import InsufficientScope, InvalidRequest, NotFound
from shared.http.fields import Identifier, Text, parse
from shared.http.pages import page_of
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.idempotency.replay import Reply, once
from shared.money import Money

NEWEST_FIRST = ("-redeemed_at", "-id")
# By their ids, which sort by time: the table's own index has that order.
NEWEST_OF_ALL = ("-id",)
REDEEM = ("vouchers:redeem", "vouchers:redeem-any")
READ_ANY = ("vouchers:manage", "vouchers:redeem-any")
_ORDER = {"order_id", "merchant_id"}
# 200 lines with the longest texts, written without need for escapes.
_LARGEST_ORDER = 128 * 1024


def redeemer_of(caller: Caller, body: Mapping[str, Any]) -> Redeemer:
    """Return who wants to use a voucher, and whose."""
    return Redeemer(caller.id, caller.merchant_id, body.get("member_id"), caller.may("vouchers:redeem-any"))


class WhichRedemptions(WhoseVouchers):
    """Those of a member, or on an order of a merchant, whose own client may leave that out; both together are fewer."""

    order_id = Text(max_length=64, required=False)
    merchant_id = Identifier(required=False)


def order_asked_for(query: Mapping[str, Any], caller: Caller) -> tuple[str, UUID] | None:
    """Return on which order of which merchant redemptions are asked for; None where it is those of members.

    :raises InsufficientScope: the caller may read neither members' redemptions nor those of any order.
    :raises InvalidRequest: the order's id is not named, or nobody says whose it is.
    :raises NotFound: another merchant is named without the right to see every order.
    """
    reads_members = any(caller.may(scope) for scope in READ)
    if reads_members and query.keys().isdisjoint(_ORDER):
        return None
    reads_any = any(caller.may(scope) for scope in READ_ANY)
    if not (reads_members or reads_any or caller.merchant_id):
        raise InsufficientScope(required=list(READ))
    named = {"order_id": query.get("order_id"), "merchant_id": query.get("merchant_id", caller.merchant_id)}
    if lacking := [name for name, value in named.items() if value is None]:
        detail = "An order is a merchant's, by its id."
        raise InvalidRequest(errors=[{"field": name, "code": "required", "detail": detail} for name in lacking])
    if not reads_any and named["merchant_id"] != caller.merchant_id:
        raise NotFound()
    return named["order_id"], named["merchant_id"]


class Validations(ServiceView):
    """Whether a voucher would work."""

    scopes = {"POST": REDEEM}
    max_body_bytes = _LARGEST_ORDER

    @operation(
        "validate_voucher",
        "Try a voucher on an order",
        body=VoucherUse,
        answers={200: ValidationAnswer},
        refuses=(TooManyFailedAttempts,),
    )
    def post(self, request: Request) -> HttpResponse:
        body, caller, at = parse(VoucherUse, request.data), caller_of(request), clock.now()
        attempts.check_attempts(account_id=caller.id, at=at)
        redeemer = redeemer_of(caller, body)
        order, offer = order_of(body["order"], redeemer=redeemer), queries.offer_of(normalised(body["code"]))
        # A stranger is told nothing of an order either.
        standing = orders.standing(order) if rules.may_use(offer, redeemer) else None
        if offer and standing and (gone := orders.giving_way(order, standing, redeemer)):
            offer, standing = precedence.released(gone, offer, standing)
        verdict = rules.verdict(offer, redeemer, order, standing, at=at)
        if verdict.discount is not None:
            return reply({"valid": True, "discount": Money(verdict.discount, order.currency)})
        if verdict.reason == VoucherNotFound.code:
            attempts.note_failed_attempt(account_id=caller.id, at=at)
        return reply({"valid": False, "reason": verdict.reason})


class Redemptions(ServiceView):
    """Uses of vouchers on orders."""

    scopes = {"GET": (*READ, *REDEEM), "POST": REDEEM}
    max_body_bytes = _LARGEST_ORDER

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
            TooManyFailedAttempts,
            VoucherCancelled,
            VoucherNotFound,
            VoucherUsedUp,
        ),
    )
    def post(self, request: Request) -> HttpResponse:
        body, caller, at = parse(VoucherUse, request.data), caller_of(request), clock.now()
        code, redeemer = normalised(body["code"]), redeemer_of(caller, body)
        order = order_of(body["order"], redeemer=redeemer)

        def run() -> Reply:
            return Reply(201, redemption_json(operations.redeem_voucher(code, redeemer=redeemer, order=order, at=at)))

        return attempts.guarded(lambda: once(request, run), account_id=caller.id, at=at)


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
