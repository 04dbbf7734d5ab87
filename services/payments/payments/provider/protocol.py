"""The seam to a card network: what this service asks of any."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from payments.provider.rules import Card
from shared.money import Money


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a charge or refund ended at the network; it never changes afterwards."""

    approved: bool
    decline_code: str = ""


class Provider(Protocol):
    """A card network. Each `reference` is an id of ours and the network's idempotency key.

    Never called inside a transaction: the intent to call is committed before.
    """

    def charge(self, *, reference: UUID, amount: Money, card: Card, at: datetime) -> Outcome:
        """Take the amount from the card; the same reference again gives the same outcome and takes nothing.

        :raises AnswerLost: it may have been taken or not.
        """
        ...

    def close_charge(self, *, reference: UUID, at: datetime) -> Outcome:
        """Return how a charge ended. One that the network never saw is called off, so that it cannot succeed later."""
        ...

    def refund(self, *, reference: UUID, charge: UUID, amount: Money, at: datetime) -> Outcome:
        """Give back part of the charge with that reference; the same reference again gives nothing more.

        :raises AnswerLost: it may have been given back or not.
        """
        ...
