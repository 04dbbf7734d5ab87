"""Payment intents over HTTP."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from payments.answers import DECLINED
from payments.intents.api.answers import IntentAnswer, intent_json
from payments.intents.api.bodies import ConfirmBody, EmptyBody, IntentBody, IntentQuery, card_of, order_of
from payments.intents.errors import (
    CaptureMethodNotSupported,
    CardRequired,
    LinesMismatch,
    MerchantUnknown,
    NotAllowedNow,
    OrderAlreadyPaidFor,
    TenderMismatch,
    TenderRequired,
)
from payments.intents.operations.cards import begin_card_confirmation, begin_card_payment, charge_attempt
from payments.intents.operations.intents import cancel_intent, confirm_from_wallet, create_intent, pay_from_wallet
from payments.intents.queries import (
    cancelable_intent,
    intent_of_attempt,
    listed_intents,
    own_intent,
    read_intent,
    with_parts,
)
from payments.intents.rules import FAILED, SUCCEEDED, WALLET, Order
from payments.ledger.errors import InsufficientFunds
from payments.provider.errors import CardDeclined, CardsNotTaken
from payments.provider.rules import Card
from shared import clock
from shared.errors import MemberDeactivated, MemberUnknown, NotFound
from shared.http.fields import parse
from shared.http.pages import page_of, page_reply
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.idempotency.phases import once_in_phases
from shared.idempotency.replay import Reply, once

# Their ids sort by time.
_NEWEST = ("-id",)
_PAID = {201: IntentAnswer, 202: IntentAnswer, 402: DECLINED}
_CONFIRMED = {200: IntentAnswer, 202: IntentAnswer, 402: DECLINED}
_UNPAYABLE = (TenderMismatch, CardRequired, CardDeclined, CardsNotTaken, InsufficientFunds)
_NEW = (
    NotFound,
    MemberDeactivated,
    MemberUnknown,
    MerchantUnknown,
    OrderAlreadyPaidFor,
    LinesMismatch,
    CaptureMethodNotSupported,
    *_UNPAYABLE,
)


class Intents(ServiceView):
    """The list of payment intents, and new ones."""

    scopes = {"GET": ("payments:read", "payments:read-any"), "POST": ("payments:write", "payments:create")}

    @operation(
        "list_intents", "List payment intents, newest first", answers={200: page_of(IntentAnswer)}, query=IntentQuery
    )
    def get(self, request: Request) -> HttpResponse:
        found = listed_intents(caller_of(request), parse(IntentQuery, request.query_params.dict()))
        return page_reply(request, found, intent_json, load=with_parts, ordering=_NEWEST)

    @operation(
        "create_intent",
        "Create a payment intent, and pay it when confirmed; a merchant's program makes one for its member to confirm",
        body=IntentBody,
        answers=_PAID,
        moves_value=True,
        refuses=_NEW,
    )
    def post(self, request: Request) -> HttpResponse:
        body = parse(IntentBody, request.data)
        order = order_of(body, caller_of(request))
        tender = body["tenders"][0] if "tenders" in body else {"type": None}
        if not body.get("confirm"):
            return once(request, lambda: _created(order, tender))
        if tender["type"] == WALLET:
            return once(request, lambda: _paid(order, tender))
        card, at = card_of(tender), clock.now()
        return once_in_phases(
            request,
            lambda: begin_card_payment(order, card=card, tendered=tender.get("amount"), at=at),
            lambda attempt_id: _charged(attempt_id, card, done=201),
        )


class OneIntent(ServiceView):
    """One payment intent."""

    scopes = {"GET": ("payments:read", "payments:read-any")}

    @operation("get_intent", "Read a payment intent", answers={200: IntentAnswer}, refuses=(NotFound,))
    def get(self, request: Request, intent_id: UUID) -> HttpResponse:
        return reply(intent_json(read_intent(caller_of(request), intent_id)))


class ConfirmIntent(ServiceView):
    """Paying an intent that waits or has failed."""

    scopes = {"POST": ("payments:write",)}

    @operation(
        "confirm_intent",
        "Pay an intent, by another tender if named",
        body=ConfirmBody,
        answers=_CONFIRMED,
        moves_value=True,
        refuses=(NotFound, NotAllowedNow, OrderAlreadyPaidFor, TenderRequired, *_UNPAYABLE),
    )
    def post(self, request: Request, intent_id: UUID) -> HttpResponse:
        body = parse(ConfirmBody, request.data)
        intent = own_intent(caller_of(request), intent_id)
        tender: dict[str, Any] = body["tenders"][0] if "tenders" in body else {"type": intent.tender_type}
        if tender["type"] is None:
            raise TenderRequired()
        tendered, at = tender.get("amount"), clock.now()
        if tender["type"] == WALLET:
            return once(
                request, lambda: Reply(200, intent_json(confirm_from_wallet(intent.id, tendered=tendered, at=at)))
            )
        card = card_of(tender)
        return once_in_phases(
            request,
            lambda: begin_card_confirmation(intent.id, card=card, tendered=tendered, at=at),
            lambda attempt_id: _charged(attempt_id, card, done=200),
        )


class CancelIntent(ServiceView):
    """Giving an intent up: its member's doing, or its shop's."""

    scopes = {"POST": ("payments:write", "payments:create", "payments:refund", "payments:refund-any")}

    @operation(
        "cancel_intent",
        "Cancel an intent that is not paid",
        body=EmptyBody,
        answers={200: IntentAnswer},
        moves_value=True,
        refuses=(NotFound, NotAllowedNow),
    )
    def post(self, request: Request, intent_id: UUID) -> HttpResponse:
        parse(EmptyBody, request.data)
        intent = cancelable_intent(caller_of(request), intent_id)
        return once(request, lambda: Reply(200, intent_json(cancel_intent(intent.id, at=clock.now()))))


def _created(order: Order, tender: dict[str, Any]) -> Reply:
    intent = create_intent(order, tender=tender["type"], tendered=tender.get("amount"), at=clock.now())
    return Reply(201, intent_json(intent))


def _paid(order: Order, tender: dict[str, Any]) -> Reply:
    return Reply(201, intent_json(pay_from_wallet(order, tendered=tender.get("amount"), at=clock.now())))


def _charged(attempt_id: UUID, card: Card, *, done: int) -> Reply:
    attempt = charge_attempt(attempt_id, card=card, at=clock.now())
    if attempt.status == FAILED:
        raise CardDeclined(decline_code=attempt.decline_code, intent_id=attempt.intent_id)
    return Reply(done if attempt.status == SUCCEEDED else 202, intent_json(intent_of_attempt(attempt)))
