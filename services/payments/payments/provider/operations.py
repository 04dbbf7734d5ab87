"""The simulated card network. It shares the database server and nothing else: own tables, own transactions."""

from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from payments.provider.errors import AnswerLost, CardsNotTaken
from payments.provider.models import ProviderCharge, ProviderRefund
from payments.provider.protocol import Outcome, Provider
from payments.provider.rules import CAPTURED, CLOSED, DECLINED, Card, treatment_of
from shared.ids import new_id
from shared.money import Money


class SimulatedProvider:
    """A card network that knows the public test numbers and keeps books of its own."""

    def charge(self, *, reference: UUID, amount: Money, card: Card, at: datetime) -> Outcome:
        """Take the amount, or not, as the card's number says."""
        treatment = treatment_of(card, on=at.astimezone(UTC).date())
        charge = _charge_once(
            reference,
            amount=amount.amount,
            currency=amount.currency,
            last4=card.last4,
            status=DECLINED if treatment.decline_code else CAPTURED,
            decline_code=treatment.decline_code,
            created_at=at,
        )
        if treatment.answer_is_lost and charge.status != CLOSED:
            raise AnswerLost(str(reference))
        return _outcome(charge)

    def close_charge(self, *, reference: UUID, at: datetime) -> Outcome:
        """Return how the charge ended; an unseen one is written down as closed."""
        closed = {"amount": 0, "currency": "", "last4": "", "status": CLOSED, "decline_code": "processing_error"}
        return _outcome(_charge_once(reference, **closed, created_at=at))

    def refund(self, *, reference: UUID, charge: UUID, amount: Money, at: datetime) -> Outcome:
        """Give back what is left to give; more than that is refused."""
        # durable: fails loudly when somebody calls the network inside a transaction of ours.
        with transaction.atomic(durable=True):
            charged = ProviderCharge.objects.select_for_update(no_key=True).get(reference=charge, status=CAPTURED)
            if ProviderRefund.objects.filter(reference=reference).exists():
                return Outcome(approved=True)
            if charged.amount_refunded + amount.amount > charged.amount or charged.currency != amount.currency:
                return Outcome(approved=False, decline_code="charge_already_refunded")
            charged.amount_refunded += amount.amount
            charged.save(update_fields=["amount_refunded"])
            ProviderRefund.objects.create(
                id=new_id(), reference=reference, charge=charged, amount=amount.amount, created_at=at
            )
        return Outcome(approved=True)


def check_cards_are_taken() -> None:
    """Check that a card may be charged; asked before anything is written down.

    The simulated network approves numbers that everybody knows: elsewhere a test card would be money from nothing.

    :raises CardsNotTaken: this is no sandbox.
    """
    if not settings.SANDBOX:
        raise CardsNotTaken()


def provider() -> Provider:
    """Return the card network in use."""
    return SimulatedProvider()


def _charge_once(reference: UUID, **values: object) -> ProviderCharge:
    with transaction.atomic(durable=True):
        ProviderCharge.objects.bulk_create(
            [ProviderCharge(id=new_id(), reference=reference, **values)], ignore_conflicts=True
        )
    return ProviderCharge.objects.get(reference=reference)


def _outcome(charge: ProviderCharge) -> Outcome:
    return Outcome(approved=charge.status == CAPTURED, decline_code=charge.decline_code)
