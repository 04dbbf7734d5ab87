"""What may happen to a payment intent, and what a refund gives back: pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from payments.intents.errors import (
    LinesMismatch,
    NotAllowedNow,
    NothingToRefund,
    RefundCurrency,
    RefundExceedsLine,
    RefundExceedsPayment,
    RefundMismatch,
    TenderMismatch,
    UnknownLine,
)
from payments.ledger.rules import Transfer, clearing_account, merchant_account, move, wallet_account
from payments.wallets.rules import wallet_id_of
from shared.money import Money, share

REQUIRES_CONFIRMATION, PROCESSING = "requires_confirmation", "processing"
SUCCEEDED, FAILED, CANCELED = "succeeded", "failed", "canceled"
# Every move there is. A wallet needs no `processing`: it pays within one transaction.
MOVES: Mapping[str, tuple[str, ...]] = {
    REQUIRES_CONFIRMATION: (PROCESSING, SUCCEEDED, CANCELED),
    PROCESSING: (SUCCEEDED, FAILED),
    FAILED: (PROCESSING, SUCCEEDED, CANCELED),
    SUCCEEDED: (),
    CANCELED: (),
}
# An intent in one of these holds its order: its money is taken, or on its way by a tender that cannot be left. One that
# waits for a person does not, or anybody could keep a shop from being paid by making intents.
HOLDING = (PROCESSING, SUCCEEDED)
UNPAID = (REQUIRES_CONFIRMATION, FAILED)
UNPAID_FOR = timedelta(days=1)
WALLET, CARD = "wallet", "card"
# Who asks for the money, and so whose word an order is.
MEMBER, MERCHANT = "member", "merchant"
Metadata = Mapping[str, str | int | bool]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order: what was bought, how many, at which price; and what of it was given back."""

    line_id: str
    sku: str
    category: str
    quantity: int
    unit_amount: int
    quantity_refunded: int = 0
    amount_refunded: int = 0
    brand: str = ""
    metadata: Metadata = field(default_factory=dict)

    @property
    def amount(self) -> int:
        """Return what the line cost in all."""
        return self.quantity * self.unit_amount

    @property
    def quantity_left(self) -> int:
        """Return how many have not been given back."""
        return self.quantity - self.quantity_refunded


@dataclass(frozen=True, slots=True)
class Order:
    """What a caller wants to be paid, as it asked for it, and who that is: the member, or a program in the member's
    name (`made_by` the member, too), or the merchant's own. `is_in_name` says that the member is not the caller."""

    merchant_id: UUID
    member_id: UUID
    order_id: str
    money: Money
    lines: tuple[Line, ...]
    metadata: Metadata
    channel: str = ""
    store: str = ""
    is_in_name: bool = False
    made_by: str = MEMBER


@dataclass(frozen=True, slots=True)
class Paid:
    """The payment that a refund is taken from, as it was read under its lock."""

    currency: str
    received: int
    refunded: int
    refunding: int
    lines: tuple[Line, ...]

    @property
    def left(self) -> int:
        """Return what can still be given back."""
        return self.received - self.refunded - self.refunding


@dataclass(frozen=True, slots=True)
class RefundLine:
    """How much of one line a refund takes back."""

    line_id: str
    quantity: int
    amount: int


@dataclass(frozen=True, slots=True)
class RefundPlan:
    """What a refund gives back in all, and by line."""

    amount: int
    lines: tuple[RefundLine, ...]


def check_order(order: Order, *, tendered: int | None) -> None:
    """Check that an order adds up; one without lines has nothing to add.

    :raises LinesMismatch: the lines do not make the amount.
    :raises TenderMismatch: the one tender is not the whole amount.
    """
    total = sum(line.amount for line in order.lines)
    if order.lines and total != order.money.amount:
        raise LinesMismatch(amount=order.money.amount, lines_total=total)
    check_tender(order.money.amount, tendered)


def check_tender(amount: int, tendered: int | None) -> None:
    """Check that the one tender is the whole amount; one that names no amount is.

    :raises TenderMismatch: it is not.
    """
    if tendered not in (None, amount):
        raise TenderMismatch(amount=amount, tendered=tendered)


def check_move(before: str, after: str) -> None:
    """Check that an intent may go from one state to another.

    :raises NotAllowedNow: not in this state.
    """
    if after not in MOVES[before]:
        raise NotAllowedNow(intent_status=before)


def payment_transfer(
    *, attempt_id: UUID, payment_id: UUID, merchant_id: UUID, member_id: UUID, tender: str, money: Money
) -> Transfer:
    """Return the posting of a payment: from the member's wallet or the card network to the merchant."""
    taker = merchant_account(merchant_id, money.currency, payment_id=payment_id)
    if tender == WALLET:
        giver = wallet_account(wallet_id_of(member_id, money.currency), money.currency)
    else:
        giver = clearing_account(money.currency, source_id=payment_id)
    legs = move(money, giver=giver, taker=taker)
    return Transfer(attempt_id, "payment", f"payment:{payment_id}", str(payment_id), legs)


def refund_transfer(
    *, refund_id: UUID, payment_id: UUID, merchant_id: UUID, member_id: UUID, tender: str, money: Money
) -> Transfer:
    """Return the posting of a refund: the payment's way back."""
    paid = payment_transfer(
        attempt_id=refund_id,
        payment_id=payment_id,
        merchant_id=merchant_id,
        member_id=member_id,
        tender=tender,
        money=money,
    )
    taker, giver = (leg.account for leg in paid.legs)
    legs = move(money, giver=giver, taker=taker)
    return Transfer(refund_id, "refund", f"refund:{refund_id}", str(payment_id), legs)


def check_refundable(status: str, *, currency: str, requested: Money | None) -> None:
    """Check that money of an intent may go back at all.

    :raises NotAllowedNow: it is not paid.
    :raises RefundCurrency: another currency is asked for than was paid.
    """
    if status != SUCCEEDED:
        raise NotAllowedNow(intent_status=status)
    if requested and requested.currency != currency:
        raise RefundCurrency(currency=currency)


def plan_refund(paid: Paid, *, amount: int | None, quantities: Mapping[str, int]) -> RefundPlan:
    """Decide what a refund gives back: the lines named, or the amount named, or all that is left.

    A line's part is the difference of two exact shares of it, so that however many partial refunds
    add up to the line. An amount named beside lines must be what they come to.

    :raises NothingToRefund: all was given back.
    :raises UnknownLine: the payment has no such line.
    :raises RefundExceedsLine: more of a line than is left of it.
    :raises RefundExceedsPayment: more than is left of the payment.
    :raises RefundMismatch: the amount named is not what the lines come to.
    """
    if not paid.left:
        raise NothingToRefund()
    if quantities:
        plan = _plan_lines(paid, quantities)
        if amount not in (None, plan.amount):
            raise RefundMismatch(amount=amount, lines_total=plan.amount)
    elif amount is not None:
        plan = RefundPlan(amount, ())
    else:
        plan = _plan_rest(paid)
    if plan.amount > paid.left:
        raise RefundExceedsPayment(
            available=Money(paid.left, paid.currency).json(), requested=Money(plan.amount, paid.currency).json()
        )
    return plan


def _plan_lines(paid: Paid, quantities: Mapping[str, int]) -> RefundPlan:
    known = {line.line_id: line for line in paid.lines}
    if unknown := sorted(quantities.keys() - known.keys()):
        raise UnknownLine(line_ids=unknown)
    lines = tuple(_part_of(known[line_id], quantity) for line_id, quantity in quantities.items())
    amount = sum(line.amount for line in lines)
    if not amount:
        raise NothingToRefund()
    return RefundPlan(amount, lines)


def _part_of(line: Line, quantity: int) -> RefundLine:
    if quantity > line.quantity_left:
        raise RefundExceedsLine(line_id=line.line_id, available=line.quantity_left, requested=quantity)
    upto = line.amount * (line.quantity_refunded + quantity) // line.quantity
    return RefundLine(line.line_id, quantity, upto - line.amount * line.quantity_refunded // line.quantity)


def _plan_rest(paid: Paid) -> RefundPlan:
    # Refunds by amount may have taken from the lines' money without naming any: the rest is shared out.
    left = [line for line in paid.lines if line.quantity_left]
    parts = share(paid.left, [_part_of(line, line.quantity_left).amount for line in left]) if left else []
    lines = zip(left, parts, strict=True)
    return RefundPlan(paid.left, tuple(RefundLine(line.line_id, line.quantity_left, part) for line, part in lines))
