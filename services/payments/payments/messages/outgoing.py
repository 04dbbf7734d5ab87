"""What the payments service says: facts in, contracts out."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from payments.intents.models import PaymentIntent, Refund
from payments.intents.rules import MERCHANT, Line, RefundLine
from payments.ledger.rules import WALLET, Posted
from payments.merchants.models import Merchant
from shared.contracts import payments as contracts
from shared.contracts.totals import LedgerDayTotals, Total
from shared.ids import new_id


def merchant_created(merchant: Merchant) -> contracts.MerchantCreated:
    """Say that a merchant can be paid."""
    return contracts.MerchantCreated(merchant_id=merchant.id, name=merchant.name, created_at=merchant.created_at)


def wallet_changes(
    entries: Iterable[Posted], *, kind: str, members: Mapping[UUID, UUID], at: datetime
) -> list[contracts.WalletChanged]:
    """Say each entry of a wallet among those posted; `members` maps a wallet to its member."""
    return [
        contracts.WalletChanged(
            entry_id=entry.id,
            wallet_id=entry.account.owner_id,
            member_id=members[entry.account.owner_id],
            kind=kind,
            amount=entry.amount,
            currency=entry.account.currency,
            balance=entry.balance_after,
            posted_at=at,
        )
        for entry in entries
        if entry.account.kind == WALLET
    ]


def payment_captured(intent: PaymentIntent, lines: Iterable[Line]) -> contracts.PaymentCaptured:
    """Say that a payment was taken; wallet and card are money, all of it."""
    assert intent.captured_at
    assert intent.tender_type
    return contracts.PaymentCaptured(
        payment_id=intent.id,
        order_id=intent.order_id,
        merchant_id=intent.merchant_id,
        member_id=intent.member_id,
        amount=intent.amount,
        money_amount=intent.amount,
        currency=intent.currency,
        lines=[_line(line) for line in lines],
        tenders=[contracts.Tender(type=intent.tender_type, amount=intent.amount)],
        captured_at=intent.captured_at,
        channel=intent.channel,
        store=intent.store,
        metadata=intent.metadata,
        lines_by="merchant" if intent.made_by == MERCHANT else "member",
    )


def _line(line: Line) -> contracts.Line:
    return contracts.Line(
        line_id=line.line_id,
        sku=line.sku,
        category=line.category,
        brand=line.brand,
        quantity=line.quantity,
        amount=line.amount,
        metadata=dict(line.metadata),
    )


def payment_failed(intent: PaymentIntent, *, at: datetime) -> contracts.PaymentFailed:
    """Say that a card was declined, and why."""
    return contracts.PaymentFailed(
        payment_id=intent.id,
        merchant_id=intent.merchant_id,
        member_id=intent.member_id,
        amount=intent.amount,
        currency=intent.currency,
        code=(intent.last_error or {})["decline_code"],
        failed_at=at,
    )


def payment_refunded(refund: Refund, intent: PaymentIntent, lines: Sequence[RefundLine]) -> contracts.PaymentRefunded:
    """Say that part of a payment was given back, with the sums of the payment after it."""
    assert refund.refunded_at
    return contracts.PaymentRefunded(
        refund_id=refund.id,
        payment_id=intent.id,
        merchant_id=intent.merchant_id,
        member_id=intent.member_id,
        amount=refund.amount,
        currency=refund.currency,
        refunded_total=intent.amount_refunded,
        captured_total=intent.amount_received,
        lines=[
            contracts.ReturnedLine(line_id=line.line_id, quantity=line.quantity, amount=line.amount) for line in lines
        ],
        refunded_at=refund.refunded_at,
    )


def day_totals(day: date, totals: Iterable[Total], *, at: datetime) -> LedgerDayTotals:
    """Say what a UTC day came to, as counted now."""
    return LedgerDayTotals(service="payments", totals_id=new_id(), day=day, as_of=at, totals=list(totals))
