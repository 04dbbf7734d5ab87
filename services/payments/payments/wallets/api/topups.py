"""Top-ups over HTTP."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from payments.answers import DECLINED
from payments.provider.errors import CardDeclined, CardsNotTaken
from payments.provider.rules import Card
from payments.wallets.api.answers import TopupAnswer, topup_json
from payments.wallets.api.bodies import TopupBody
from payments.wallets.errors import WrongCurrency
from payments.wallets.operations import begin_topup, charge_topup
from payments.wallets.queries import own_wallet
from payments.wallets.rules import FAILED, SUCCEEDED
from shared import clock
from shared.errors import NotFound
from shared.http.fields import parse
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of
from shared.idempotency.phases import once_in_phases
from shared.idempotency.replay import Reply


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
        refuses=(NotFound, WrongCurrency, CardDeclined, CardsNotTaken),
    )
    def post(self, request: Request, wallet_id: UUID) -> HttpResponse:
        body = parse(TopupBody, request.data)
        caller, card = caller_of(request), body["source"]["card"]
        return once_in_phases(
            request,
            lambda: begin_topup(own_wallet(caller, wallet_id), amount=body["amount"], card=card, at=clock.now()),
            lambda topup_id: charged_reply(topup_id, card),
        )
