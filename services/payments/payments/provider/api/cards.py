"""The list of cards that work in the sandbox."""

from django.http import HttpResponse
from rest_framework.request import Request

from payments.provider.api.answers import TestCardAnswer, card_json
from payments.provider.rules import TEST_CARDS
from shared.http.pages import page_of, whole
from shared.http.swagger import operation
from shared.http.views import ServiceView, reply


class SandboxCards(ServiceView):
    """The cards that work here; public, and routed in the sandbox only."""

    public = True

    @operation("list_test_cards", "List the test cards and what each does", answers={200: page_of(TestCardAnswer)})
    def get(self, _request: Request) -> HttpResponse:
        return reply(whole([card_json(card) for card in TEST_CARDS]))
