"""Paying an intent by card: the intent commits, the card network is asked, and its answer commits.

Killed at any instruction between, it goes on: a repeat of the request, or `resolve_attempts`, finishes it.
"""

from datetime import datetime
from uuid import UUID

from payments.intents import rules
from payments.intents.models import PaymentAttempt, PaymentIntent
from payments.intents.operations.intents import capture, check_new, insert_or_refuse, new_attempt, new_intent
from payments.intents.writes import lines_of, lock_intent, move_intent
from payments.messages import outgoing
from payments.provider.errors import AnswerLost, CardDeclined
from payments.provider.operations import check_cards_are_taken, provider
from payments.provider.protocol import Outcome
from payments.provider.rules import Card
from shared.db import unit_of_work
from shared.messaging.outbox import publish
from shared.money import Money


def begin_card_payment(order: rules.Order, *, card: Card, tendered: int | None, at: datetime) -> UUID:
    """Create an intent whose card is about to be charged; return the attempt's id.

    :raises CardsNotTaken: there is no card network here.
    :raises MerchantUnknown: nobody of that id can be paid.
    :raises MemberUnknown, MemberDeactivated: it is in the name of a member who cannot pay.
    :raises OrderAlreadyPaidFor: another intent of the order is paid or being paid.
    """
    check_cards_are_taken()
    check_new(order, tendered=tendered)
    intent = new_intent(order, tender=rules.CARD, status=rules.PROCESSING, at=at)
    attempt = new_attempt(intent, number=1, status=rules.PROCESSING, card=card, at=at)
    with unit_of_work():
        insert_or_refuse(intent, order.lines, attempt)
    return attempt.id


def begin_card_confirmation(intent_id: UUID, *, card: Card, tendered: int | None, at: datetime) -> UUID:
    """Write down that a card is about to be charged for an intent that waits; return the attempt's id.

    :raises CardsNotTaken: there is no card network here.
    :raises NotAllowedNow: it is paid, being paid, or canceled.
    :raises OrderAlreadyPaidFor: another intent of its order is paid or being paid.
    """
    check_cards_are_taken()
    with unit_of_work():
        intent = lock_intent(intent_id)
        rules.check_tender(intent.amount, tendered)
        intent.tender_type, intent.last_error = rules.CARD, None
        move_intent(intent, rules.PROCESSING, at=at)
        number = intent.attempts.count() + 1
        attempt = new_attempt(intent, number=number, status=rules.PROCESSING, card=card, at=at)
        attempt.save(force_insert=True)
    return attempt.id


def charge_attempt(attempt_id: UUID, *, card: Card, at: datetime) -> PaymentAttempt:
    """Charge the card of an attempt that has begun and finish it; goes on from wherever an earlier try ended.

    It is still processing where the network's answer was lost: `resolve_attempts` will find out.
    """
    attempt = PaymentAttempt.objects.select_related("intent").get(id=attempt_id)
    if attempt.status != rules.PROCESSING:
        return attempt
    money = Money(attempt.intent.amount, attempt.intent.currency)
    try:
        outcome = provider().charge(reference=attempt_id, amount=money, card=card, at=at)
    except AnswerLost:
        return attempt
    return finish_attempt(attempt_id, outcome, at=at)


def finish_attempt(attempt_id: UUID, outcome: Outcome, *, at: datetime) -> PaymentAttempt:
    """Write down how an attempt ended, post its money if well, and publish it. Only the first call has an effect."""
    intent_id = PaymentAttempt.objects.values_list("intent_id", flat=True).get(id=attempt_id)
    with unit_of_work():
        intent = lock_intent(intent_id)
        attempt = PaymentAttempt.objects.get(id=attempt_id)
        attempt.intent = intent
        if attempt.status != rules.PROCESSING:
            return attempt
        attempt.status = rules.SUCCEEDED if outcome.approved else rules.FAILED
        attempt.decline_code, attempt.finished_at = outcome.decline_code, at
        attempt.save(update_fields=["status", "decline_code", "finished_at"])
        _succeed(intent, attempt, at) if outcome.approved else _fail(intent, outcome.decline_code, at)
    return attempt


def resolve_attempts(*, older_than: datetime, at: datetime, limit: int = 100) -> int:
    """Ask the card network about attempts made at an instant or before whose end is unknown; return how many ended.

    One that the network never saw is called off there first, so that a charge still on its way cannot succeed.
    """
    unknown = PaymentAttempt.objects.filter(status=rules.PROCESSING, created_at__lte=older_than).order_by("created_at")
    found = list(unknown.values_list("id", flat=True)[:limit])
    ends = ((id_, provider().close_charge(reference=id_, at=at)) for id_ in found)
    return sum(finish_attempt(id_, outcome, at=at).status != rules.PROCESSING for id_, outcome in ends)


def _succeed(intent: PaymentIntent, attempt: PaymentAttempt, at: datetime) -> None:
    intent.amount_received, intent.captured_at = intent.amount, at
    move_intent(intent, rules.SUCCEEDED, at=at)
    capture(intent, lines_of(intent.id), attempt, at=at)


def _fail(intent: PaymentIntent, decline_code: str, at: datetime) -> None:
    intent.last_error = {"code": CardDeclined.code, "decline_code": decline_code}
    move_intent(intent, rules.FAILED, at=at)
    publish([outgoing.payment_failed(intent, at=at)], at=at)
