"""What can be done with payment intents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from payments.intents import rules
from payments.intents.errors import MerchantUnknown, OrderAlreadyPaidFor
from payments.intents.models import PaymentAttempt, PaymentIntent
from payments.intents.writes import cancel_some, insert_intent, lines_of, lock_intent, move_intent
from payments.ledger.operations import post
from payments.members.queries import check_known
from payments.merchants.models import Merchant
from payments.messages import outgoing
from payments.provider.fingerprints import fingerprint_of
from payments.provider.operations import check_cards_are_taken
from payments.provider.rules import Card
from payments.wallets.rules import wallet_id_of
from shared.db import unit_of_work
from shared.ids import new_id
from shared.messaging.outbox import publish
from shared.money import Money


@dataclass(frozen=True, slots=True)
class Intent:
    """A payment intent with what belongs to it."""

    row: PaymentIntent
    lines: Sequence[rules.Line]
    attempts: Sequence[PaymentAttempt]


def check_new(order: rules.Order, *, tendered: int | None) -> None:
    """Check what a new intent asks for, and that somebody in whose name others pay is a member.

    :raises DomainError: as `rules.check_order`.
    :raises MemberUnknown, MemberDeactivated: it is in the name of a member who cannot pay.
    """
    rules.check_order(order, tendered=tendered)
    if order.is_in_name:
        check_known(order.member_id)


def create_intent(order: rules.Order, *, tender: str | None, tendered: int | None, at: datetime) -> Intent:
    """Write down the request to be paid, for a later confirmation; what it is paid by may be said then.

    :raises CardsNotTaken: it is to be paid by card, and there is no card network here.
    :raises MerchantUnknown: nobody of that id can be paid.
    :raises MemberUnknown, MemberDeactivated: it is in the name of a member who cannot pay.
    :raises OrderAlreadyPaidFor: another intent of the order is paid or being paid.
    """
    if tender == rules.CARD:
        check_cards_are_taken()
    check_new(order, tendered=tendered)
    intent = new_intent(order, tender=tender, status=rules.REQUIRES_CONFIRMATION, at=at)
    with unit_of_work():
        insert_or_refuse(intent, order.lines, None)
    return Intent(intent, order.lines, ())


def pay_from_wallet(order: rules.Order, *, tendered: int | None, at: datetime) -> Intent:
    """Create an intent and pay it from the member's wallet, in one go: a refusal leaves nothing behind.

    :raises InsufficientFunds: the wallet does not hold the amount, or there is no wallet.
    :raises MerchantUnknown: nobody of that id can be paid.
    :raises MemberUnknown, MemberDeactivated: it is in the name of a member who cannot pay.
    :raises OrderAlreadyPaidFor: another intent of the order is paid or being paid.
    """
    check_new(order, tendered=tendered)
    intent = new_intent(order, tender=rules.WALLET, status=rules.SUCCEEDED, at=at)
    intent.amount_received, intent.captured_at = intent.amount, at
    attempt = new_attempt(intent, number=1, status=rules.SUCCEEDED, card=None, at=at)
    with unit_of_work():
        insert_or_refuse(intent, order.lines, attempt)
        capture(intent, order.lines, attempt, at=at)
    return Intent(intent, order.lines, (attempt,))


def confirm_from_wallet(intent_id: UUID, *, tendered: int | None, at: datetime) -> Intent:
    """Pay an intent that waits, from its member's wallet. A refusal changes nothing: top up, and confirm again.

    :raises InsufficientFunds: the wallet does not hold the amount, or there is no wallet.
    :raises NotAllowedNow: it is paid, being paid, or canceled.
    :raises OrderAlreadyPaidFor: another intent of its order is paid or being paid.
    """
    with unit_of_work():
        intent = lock_intent(intent_id)
        rules.check_tender(intent.amount, tendered)
        # A card attempt that is under way may still succeed: only where a new attempt may begin, the wallet may pay.
        rules.check_move(intent.status, rules.PROCESSING)
        intent.tender_type, intent.last_error = rules.WALLET, None
        intent.amount_received, intent.captured_at = intent.amount, at
        move_intent(intent, rules.SUCCEEDED, at=at)
        lines, attempts = lines_of(intent_id), list(intent.attempts.order_by("number"))
        attempt = new_attempt(intent, number=len(attempts) + 1, status=rules.SUCCEEDED, card=None, at=at)
        attempt.save(force_insert=True)
        capture(intent, lines, attempt, at=at)
    return Intent(intent, lines, [*attempts, attempt])


def cancel_intent(intent_id: UUID, *, at: datetime) -> Intent:
    """Give an intent up for ever.

    :raises NotAllowedNow: it is paid, being paid, or canceled.
    """
    with unit_of_work():
        intent = lock_intent(intent_id)
        move_intent(intent, rules.CANCELED, at=at)
    return Intent(intent, lines_of(intent_id), list(intent.attempts.order_by("number")))


def cancel_unpaid(*, older_than: datetime, at: datetime) -> int:
    """Give up the intents that were made at an instant or before and never paid; return how many."""
    canceled = 0
    while found := cancel_some(older_than=older_than, at=at):
        canceled += found
    return canceled


def capture(intent: PaymentIntent, lines: Sequence[rules.Line], attempt: PaymentAttempt, *, at: datetime) -> None:
    """Post the money of an intent whose attempt has succeeded, and publish it; the caller writes intent and attempt."""
    transfer = rules.payment_transfer(
        attempt_id=attempt.id,
        payment_id=intent.id,
        merchant_id=intent.merchant_id,
        member_id=intent.member_id,
        tender=attempt.tender_type,
        money=Money(intent.amount, intent.currency),
    )
    entries = post([transfer], at=at)
    members = {wallet_id_of(intent.member_id, intent.currency): intent.member_id}
    changes = outgoing.wallet_changes(entries, kind="payment", members=members, at=at)
    publish([outgoing.payment_captured(intent, lines), *changes], at=at)


def new_intent(order: rules.Order, *, tender: str | None, status: str, at: datetime) -> PaymentIntent:
    """Return an intent for an order, not yet written."""
    return PaymentIntent(
        id=new_id(),
        merchant_id=order.merchant_id,
        member_id=order.member_id,
        made_by=order.made_by,
        order_id=order.order_id,
        amount=order.money.amount,
        currency=order.money.currency,
        status=status,
        tender_type=tender,
        amount_received=0,
        amount_refunded=0,
        amount_refunding=0,
        channel=order.channel,
        store=order.store,
        metadata=dict(order.metadata),
        created_at=at,
    )


def new_attempt(intent: PaymentIntent, *, number: int, status: str, card: Card | None, at: datetime) -> PaymentAttempt:
    """Return an attempt to pay an intent, not yet written; of a card it keeps what may be shown, and a fingerprint."""
    return PaymentAttempt(
        id=new_id(),
        intent=intent,
        number=number,
        tender_type=rules.CARD if card else rules.WALLET,
        status=status,
        card_brand=card.brand if card else "",
        card_last4=card.last4 if card else "",
        card_fingerprint=fingerprint_of(card) if card else "",
        decline_code="",
        created_at=at,
        finished_at=None if status == rules.PROCESSING else at,
    )


def insert_or_refuse(intent: PaymentIntent, lines: Sequence[rules.Line], attempt: PaymentAttempt | None) -> None:
    """Write a new intent.

    :raises MerchantUnknown: nobody of that id can be paid.
    :raises MemberUnknown, MemberDeactivated: it is in the name of a member who cannot pay.
    :raises OrderAlreadyPaidFor: an intent of the order is paid or being paid; its id is told to its own member only.
    """
    if insert_intent(intent, lines, attempt):
        return
    if not Merchant.objects.filter(id=intent.merchant_id).exists():
        raise MerchantUnknown()
    there = PaymentIntent.objects.filter(
        merchant_id=intent.merchant_id, order_id=intent.order_id, status__in=rules.HOLDING
    )
    own = there.filter(member_id=intent.member_id).first()
    raise OrderAlreadyPaidFor(intent_id=own.id) if own else OrderAlreadyPaidFor()
