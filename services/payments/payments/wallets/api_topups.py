"""Top-ups over HTTP."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from payments.answers import DECLINED, AmountAnswer, CardAnswer
from payments.provider.api import CardBody
from payments.provider.errors import CardDeclined
from payments.provider.rules import Card
from payments.wallets.errors import WrongCurrency
from payments.wallets.models import Topup
from payments.wallets.operations import begin_topup, charge_topup
from payments.wallets.queries import own_wallet
from payments.wallets.rules import FAILED, SUCCEEDED
from shared import clock
from shared.errors import NotFound
from shared.http.fields import Body, MoneyField, parse
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of
from shared.idempotency.phases import once_in_phases
from shared.idempotency.replay import Reply


class SourceBody(Body):
    """Where the money comes from."""

    card = CardBody()


class TopupBody(Body):
    """How much, and from where."""

    amount = MoneyField()
    # A field of this name, where DRF's own class has an option of it.
    source = SourceBody()  # type: ignore[assignment]


class TopupAnswer(serializers.Serializer[Any]):
    """A top-up: `succeeded`, or `processing` while the card network's answer is awaited."""

    id = serializers.UUIDField()
    wallet_id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=["processing", "succeeded"])
    amount = AmountAnswer()
    card = CardAnswer()
    created_at = serializers.DateTimeField()

    class Meta:
        ref_name = "Topup"


def topup_json(topup: Topup) -> dict[str, Any]:
    """Return a top-up as it is answered."""
    return {
        "id": topup.id,
        "wallet_id": topup.wallet_id,
        "status": topup.status,
        "amount": {"amount": topup.amount, "currency": topup.currency},
        "card": {"brand": topup.card_brand, "last4": topup.card_last4},
        "created_at": topup.created_at,
    }


def charged_reply(topup_id: UUID, card: Card) -> Reply:
    """Charge the card of a top-up that has begun and answer: 201 when it is done, 202 while nobody knows.

    :raises CardDeclined: the card network said no.
    """
    topup = charge_topup(topup_id, card=card, at=clock.now())
    if topup.status == FAILED:
        raise CardDeclined(decline_code=topup.decline_code, topup_id=topup.id)
    return Reply(201 if topup.status == SUCCEEDED else 202, topup_json(topup))


class Topups(ServiceView):
    """Top-ups of a wallet."""

    scopes = {"POST": ("wallets:write",)}

    @operation(
        "top_up_wallet",
        "Top a wallet up by card",
        body=TopupBody,
        answers={201: TopupAnswer, 202: TopupAnswer, 402: DECLINED},
        moves_value=True,
        refuses=(NotFound, WrongCurrency, CardDeclined),
    )
    def post(self, request: Request, wallet_id: UUID) -> HttpResponse:
        body = parse(TopupBody, request.data)
        caller, card = caller_of(request), body["source"]["card"]
        return once_in_phases(
            request,
            lambda: begin_topup(own_wallet(caller, wallet_id), amount=body["amount"], card=card, at=clock.now()),
            lambda topup_id: charged_reply(topup_id, card),
        )
