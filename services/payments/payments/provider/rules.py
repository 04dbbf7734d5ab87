"""Cards and how the simulated network treats each: pure."""

from dataclasses import dataclass, field
from datetime import date

CAPTURED, DECLINED, CLOSED = "captured", "declined", "closed"
CHARGE_STATUSES = (CAPTURED, DECLINED, CLOSED)


@dataclass(frozen=True, slots=True)
class Card:
    """A card as its holder typed it. Never stored, never logged: its text shows no digit but the last four."""

    number: str = field(repr=False)
    exp_month: int = field(repr=False)
    exp_year: int = field(repr=False)
    cvc: str = field(repr=False)

    @property
    def last4(self) -> str:
        """Return the four digits that may be shown."""
        return self.number[-4:]

    @property
    def brand(self) -> str:
        """Return the network that the first digits belong to."""
        return brand_of(self.number)

    def is_expired(self, *, on: date) -> bool:
        """Tell whether its last month is over."""
        return (self.exp_year, self.exp_month) < (on.year, on.month)


@dataclass(frozen=True, slots=True)
class TestCard:
    """A number the simulated network knows, and what it does with it."""

    __test__ = False  # its name looks like a test class to pytest

    number: str
    effect: str
    decline_code: str = ""
    answer_is_lost: bool = False


# The first six are Stripe's published test numbers; the last is ours.
TEST_CARDS = (
    TestCard("4242424242424242", "The charge succeeds (Visa)."),
    TestCard("5555555555554444", "The charge succeeds (Mastercard)."),
    TestCard("4000000000000002", "Declined without a reason.", "generic_decline"),
    TestCard("4000000000009995", "Declined: the account has too little money.", "insufficient_funds"),
    TestCard("4000000000000069", "Declined: the card has expired.", "expired_card"),
    TestCard("4000000000000127", "Declined: the security code is wrong.", "incorrect_cvc"),
    TestCard("4000000000007007", "Charged, but the answer is lost: the outcome comes later.", answer_is_lost=True),
)
_BY_NUMBER = {card.number: card for card in TEST_CARDS}
_UNKNOWN = TestCard("", "Declined: only test cards work here.", "test_mode_live_card")


def passes_luhn(number: str) -> bool:
    """Tell whether the check digit fits (ISO/IEC 7812-1)."""
    digits = [int(digit) for digit in reversed(number)]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def brand_of(number: str) -> str:
    """Return the network that the first digits belong to."""
    if number.startswith("4"):
        return "visa"
    if 51 <= int(number[:2]) <= 55 or 2221 <= int(number[:4]) <= 2720:
        return "mastercard"
    if number.startswith(("34", "37")):
        return "amex"
    return "unknown"


def treatment_of(card: Card, *, on: date) -> TestCard:
    """Return what the network does with a card on this day; a number it does not know is declined."""
    known = _BY_NUMBER.get(card.number, _UNKNOWN)
    if not known.decline_code and card.is_expired(on=on):
        return TestCard(card.number, "Declined: the card has expired.", "expired_card")
    return known
