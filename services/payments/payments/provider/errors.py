"""What the card network refuses, and what it may leave open."""

from http import HTTPStatus

from shared.errors import DomainError


class CardDeclined(DomainError):
    """The card network refused the charge; `decline_code` says why. No money moved."""

    code = "payments.card_declined"
    title = "The card was declined"
    status = HTTPStatus.PAYMENT_REQUIRED


class CardsNotTaken(DomainError):
    """This installation has no card network: the simulated one takes no real money, so it is a sandbox's only."""

    code = "payments.cards_not_taken"
    title = "Cards are not taken here"


class AnswerLost(Exception):
    """The network was asked, and its answer did not come: it may or may not have acted. Never a refusal."""
