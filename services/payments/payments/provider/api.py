"""Cards in requests, and the list of those that work in the sandbox."""

from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from payments.provider.rules import TEST_CARDS, Card, brand_of, passes_luhn
from shared.errors import NotFound
from shared.http.fields import Body, Text, WholeNumber
from shared.http.swagger import operation
from shared.http.views import ServiceView, reply


class CardNumber(Text):
    """The 12 to 19 digits of a card, with a check digit that fits. No error ever repeats them."""

    default_error_messages = {
        "digits": "A card number is 12 to 19 digits without blanks.",
        "luhn": "The card number's check digit does not fit.",
    }

    def to_internal_value(self, data: Any) -> str:
        number = super().to_internal_value(data)
        if not (12 <= len(number) <= 19 and number.isascii() and number.isdigit()):
            self.fail("digits")
        if not passes_luhn(number):
            self.fail("luhn")
        return number


class CardBody(Body):
    """A card as its holder types it; it is passed on and never kept."""

    number = CardNumber(help_text="see /api/v1/sandbox/cards")
    exp_month = WholeNumber(min_value=1, max_value=12)
    exp_year = WholeNumber(min_value=2000, max_value=2100)
    cvc = Text(validators=[RegexValidator(r"^[0-9]{3,4}\Z", "A security code is 3 or 4 digits.")])

    def to_internal_value(self, data: Any) -> Card:
        return Card(**super().to_internal_value(data))

    class Meta:
        ref_name = "Card"


class TestCardAnswer(serializers.Serializer[Any]):
    """A number the simulated network knows."""

    number = serializers.CharField()
    brand = serializers.CharField()
    effect = serializers.CharField()
    decline_code = serializers.CharField(allow_blank=True)


class TestCardsAnswer(serializers.Serializer[Any]):
    """All numbers the simulated network knows."""

    results = TestCardAnswer(many=True)


class SandboxCards(ServiceView):
    """The cards that work here; public, and only there in sandbox mode."""

    public = True

    @operation(
        "list_test_cards", "List the test cards and what each does", answers={200: TestCardsAnswer}, refuses=(NotFound,)
    )
    def get(self, _request: Request) -> HttpResponse:
        if not settings.SANDBOX:
            raise NotFound()
        return reply(
            {
                "results": [
                    {
                        "number": card.number,
                        "brand": brand_of(card.number),
                        "effect": card.effect,
                        "decline_code": card.decline_code,
                    }
                    for card in TEST_CARDS
                ]
            }
        )
