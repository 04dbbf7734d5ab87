"""What requests with a card say."""

from typing import Any

from django.core.validators import RegexValidator

from payments.provider.rules import Card, passes_luhn
from shared.http.fields import Body, Text, WholeNumber


class CardNumber(Text):
    """The 12 to 19 digits of a card, with a check digit that fits. No error ever repeats them."""

    pattern = "^[0-9]{12,19}$"
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
