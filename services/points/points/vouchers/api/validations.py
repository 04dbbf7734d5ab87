"""Whether a voucher would work, over HTTP."""

from django.http import HttpResponse
from rest_framework.request import Request

from points.vouchers import attempts, budgets, orders, queries, rules
from points.vouchers.api.access import LARGEST_ORDER, REDEEM
from points.vouchers.api.answers.vouchers import ValidationAnswer
from points.vouchers.api.bodies.vouchers import VoucherUse, order_of, redeemer_of
from points.vouchers.errors import TooManyFailedAttempts, VoucherNotFound
from points.vouchers.tiers import with_tier
from shared import clock
from shared.http.fields import parse
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.money import Money


class Validations(ServiceView):
    """Whether a voucher would work."""

    scopes = {"POST": REDEEM}
    max_body_bytes = LARGEST_ORDER

    @operation(
        "validate_voucher",
        "Try a voucher on an order",
        body=VoucherUse,
        answers={200: ValidationAnswer},
        refuses=(TooManyFailedAttempts,),
    )
    def post(self, request: Request) -> HttpResponse:
        body, caller, at = parse(VoucherUse, request.data), caller_of(request), clock.now()
        code, redeemer = body["code"], redeemer_of(caller, body)
        order = order_of(body["order"], redeemer=redeemer)
        attempt = attempts.charge(attempts.guesser_of(redeemer), code, at=clock.machine_now())
        offer = queries.offer_of(code)
        # A stranger is told nothing of an order either.
        standing = orders.standing(order) if rules.may_use(offer, redeemer) else None
        if offer and rules.may_use(offer, redeemer):
            offer = with_tier(offer, at=at)
        gone = orders.giving_way(order, standing, redeemer)
        if offer and standing and gone:
            offer, standing = rules.released(gone, offer, standing)
        verdict = rules.verdict(offer, redeemer, order, standing, at=at)
        if offer and verdict.discount is not None:
            verdict = budgets.verdict(offer, order, verdict.discount, gone, at=at)
        if verdict.reason != VoucherNotFound.code:
            attempts.take_back(attempt)
        if verdict.discount is not None:
            return reply({"valid": True, "discount": Money(verdict.discount, order.currency)})
        return reply({"valid": False, "reason": verdict.reason})
