"""Giving money of a payment back, to the tender it came from."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from payments.intents import rules
from payments.intents.models import PaymentAttempt, PaymentIntent, Refund, RefundedLine
from payments.intents.writes import lines_of, lock_intent, set_aside, take_back_lines
from payments.ledger.operations import post
from payments.messages import outgoing
from payments.provider.errors import AnswerLost
from payments.provider.operations import provider
from payments.provider.protocol import Outcome
from payments.wallets.rules import wallet_id_of
from shared.db import unit_of_work
from shared.ids import new_id
from shared.messaging.outbox import publish
from shared.money import Money


def begin_refund(
    intent_id: UUID,
    *,
    amount: Money | None,
    quantities: Mapping[str, int],
    reason: str,
    requested_by: UUID,
    at: datetime,
) -> Refund:
    """Decide what goes back and set it aside, so that refunds at the same time cannot exceed the payment.

    :raises NotAllowedNow: the intent is not paid.
    :raises RefundCurrency: the amount is in another currency than the payment.
    and what `rules.plan_refund` raises.
    """
    with unit_of_work():
        intent = lock_intent(intent_id)
        rules.check_refundable(intent.status, currency=intent.currency, requested=amount)
        assert intent.tender_type  # it is paid
        plan = rules.plan_refund(_paid(intent), amount=amount.amount if amount else None, quantities=quantities)
        refund = Refund.objects.create(
            id=new_id(),
            intent=intent,
            amount=plan.amount,
            currency=intent.currency,
            tender_type=intent.tender_type,
            status=rules.PROCESSING,
            reason=reason,
            error_code="",
            requested_by=requested_by,
            created_at=at,
        )
        RefundedLine.objects.bulk_create(
            RefundedLine(refund=refund, line_id=o.line_id, quantity=o.quantity, amount=o.amount) for o in plan.lines
        )
        take_back_lines(intent.id, plan.lines)
        set_aside(intent, refunding=plan.amount)
    return refund


def refund_to_wallet(
    intent_id: UUID,
    *,
    amount: Money | None,
    quantities: Mapping[str, int],
    reason: str,
    requested_by: UUID,
    at: datetime,
) -> Refund:
    """Give money back to the wallet it came from, in one go; raises what `begin_refund` raises."""
    with unit_of_work():
        refund = begin_refund(
            intent_id, amount=amount, quantities=quantities, reason=reason, requested_by=requested_by, at=at
        )
        return finish_refund(refund.id, Outcome(approved=True), at=at)


def send_refund(refund_id: UUID, *, at: datetime) -> Refund:
    """Ask the card network to give back a refund that has begun, and finish it; safe to call again.

    It is still processing where the network's answer was lost: `resolve_refunds` asks again.
    """
    refund = Refund.objects.get(id=refund_id)
    if refund.status != rules.PROCESSING:
        return refund
    charge = PaymentAttempt.objects.values_list("id", flat=True).get(intent=refund.intent_id, status=rules.SUCCEEDED)
    money = Money(refund.amount, refund.currency)
    try:
        outcome = provider().refund(reference=refund_id, charge=charge, amount=money, at=at)
    except AnswerLost:
        return refund
    return finish_refund(refund_id, outcome, at=at)


def finish_refund(refund_id: UUID, outcome: Outcome, *, at: datetime) -> Refund:
    """Write down how a refund ended, post its money if well, and publish it. Only the first call has an effect."""
    intent_id = Refund.objects.values_list("intent_id", flat=True).get(id=refund_id)
    with unit_of_work():
        intent = lock_intent(intent_id)
        refund = Refund.objects.get(id=refund_id)
        if refund.status != rules.PROCESSING:
            return refund
        names = ("line_id", "quantity", "amount")
        lines = [rules.RefundLine(*values) for values in refund.lines.order_by("line_id").values_list(*names)]
        if outcome.approved:
            _succeed(refund, intent, lines, at)
        else:
            _fail(refund, intent, lines, outcome.decline_code)
    return refund


def resolve_refunds(*, older_than: datetime, at: datetime, limit: int = 100) -> int:
    """Ask the card network again for refunds made at an instant or before whose end is unknown; return how many ended.

    One whose answer is lost again is not counted.
    """
    unknown = Refund.objects.filter(status=rules.PROCESSING, created_at__lte=older_than).order_by("created_at")
    found = list(unknown.values_list("id", flat=True)[:limit])
    return sum(send_refund(refund_id, at=at).status != rules.PROCESSING for refund_id in found)


def _paid(intent: PaymentIntent) -> rules.Paid:
    return rules.Paid(
        currency=intent.currency,
        received=intent.amount_received,
        refunded=intent.amount_refunded,
        refunding=intent.amount_refunding,
        lines=lines_of(intent.id),
    )


def _succeed(refund: Refund, intent: PaymentIntent, lines: Sequence[rules.RefundLine], at: datetime) -> None:
    refund.status, refund.refunded_at = rules.SUCCEEDED, at
    refund.save(update_fields=["status", "refunded_at"])
    set_aside(intent, refunding=-refund.amount, refunded=refund.amount)
    transfer = rules.refund_transfer(
        refund_id=refund.id,
        payment_id=intent.id,
        merchant_id=intent.merchant_id,
        member_id=intent.member_id,
        tender=refund.tender_type,
        money=Money(refund.amount, refund.currency),
    )
    entries = post([transfer], at=at)
    members = {wallet_id_of(intent.member_id, intent.currency): intent.member_id}
    changes = outgoing.wallet_changes(entries, kind="refund", members=members, at=at)
    publish([outgoing.payment_refunded(refund, intent, lines), *changes], at=at)


def _fail(refund: Refund, intent: PaymentIntent, lines: Sequence[rules.RefundLine], code: str) -> None:
    refund.status, refund.error_code = rules.FAILED, code
    refund.save(update_fields=["status", "error_code"])
    set_aside(intent, refunding=-refund.amount)
    take_back_lines(intent.id, lines, sign=-1)
