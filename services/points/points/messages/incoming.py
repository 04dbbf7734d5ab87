"""What the points service listens to, and the function that acts on each."""

from collections.abc import Sequence

from points.backtests.operations import BACKTESTS
from points.events import operations as events
from points.events.operations import Registration
from points.expiry import operations
from points.imports.operations import IMPORTS
from points.members.operations import note_deactivated, note_registered, note_staff
from points.purchases import operations as purchases
from points.purchases.rules.purchases import LineReturn, NewPurchase, PurchaseLine, Refund
from points.vouchers import orders
from points.vouchers.jobs import CODE_JOBS
from points.vouchers.orders import PaidOrder
from shared import clock
from shared.contracts.auth import (
    MerchantStaffChanged,
    SessionsRevoked,
    SigningKeyRetired,
    UserDeactivated,
    UserRegistered,
)
from shared.contracts.clock import ClockMoved
from shared.contracts.payments import Line, PaymentCaptured, PaymentRefunded
from shared.contracts.points import ExpireLots, GenerateCodes, ImportRows
from shared.contracts.rules import BacktestPurchases
from shared.messaging.inbox import Delivery, Handlers, each
from shared.testclock.incoming import move_clock
from shared.tokens.incoming import retire_signing_keys, revoke_sessions


def members_registered(deliveries: Sequence[Delivery]) -> None:
    """Know these members from now on, and give them the points of their registration."""
    note_registered((delivery.message.user_id, delivery.message.registered_at) for delivery in deliveries)
    events.earn_by_registrations([_registration(one) for one in deliveries if _is_member(one)], at=clock.now())


def members_deactivated(deliveries: Sequence[Delivery]) -> None:
    """Give these members nothing in others' names any more."""
    note_deactivated((delivery.message.user_id, delivery.message.deactivated_at) for delivery in deliveries)


def staff_changed(deliveries: Sequence[Delivery]) -> None:
    """Know whom these members work for: they earn nothing there."""
    messages: list[MerchantStaffChanged] = [delivery.message for delivery in deliveries]
    note_staff((message.user_id, message.merchant_id, message.version) for message in messages)


def payments_captured(deliveries: Sequence[Delivery]) -> None:
    """Give the points that payments earn, and note which orders with vouchers they paid."""
    # Orders first, as whoever uses or releases a voucher locks them before anything else.
    orders.note_payments([_paid_order(delivery) for delivery in deliveries])
    purchases.earn_purchases([_purchase(delivery) for delivery in deliveries], at=clock.now())


def payments_refunded(deliveries: Sequence[Delivery]) -> None:
    """Take back the points of refunded payments; a refund that comes before its payment is delivered again."""
    at = clock.now()
    purchases.claw_back_refunds([_refund(delivery) for delivery in deliveries], at=at)
    orders.note_returns([delivery.message.payment_id for delivery in deliveries if _is_whole(delivery)], at=at)


def _is_member(delivery: Delivery) -> bool:
    """Tell whether somebody registered who can have points: no merchant's till, no operator."""
    said: UserRegistered = delivery.message
    return "member" in said.roles


def _registration(delivery: Delivery) -> Registration:
    said: UserRegistered = delivery.message
    return Registration(said.user_id, said.registered_at, delivery.envelope.correlation_id, str(delivery.id))


def _paid_order(delivery: Delivery) -> PaidOrder:
    said: PaymentCaptured = delivery.message
    return PaidOrder(said.payment_id, said.order_id, said.merchant_id, said.captured_at)


def _is_whole(delivery: Delivery) -> bool:
    said: PaymentRefunded = delivery.message
    return said.refunded_total >= said.captured_total


def _purchase(delivery: Delivery) -> NewPurchase:
    said: PaymentCaptured = delivery.message
    return NewPurchase(
        payment_id=said.payment_id,
        merchant_id=said.merchant_id,
        order_id=said.order_id,
        member_id=said.member_id,
        currency=said.currency,
        amount=said.amount,
        money_amount=said.money_amount,
        lines=tuple(_line(line) for line in said.lines),
        captured_at=said.captured_at,
        channel=said.channel,
        store=said.store,
        metadata=said.metadata,
        lines_by=said.lines_by,
        correlation_id=delivery.envelope.correlation_id,
        causation_id=str(delivery.id),
    )


def _line(said: Line) -> PurchaseLine:
    return PurchaseLine(
        line_id=said.line_id,
        sku=said.sku,
        category=said.category,
        brand=said.brand,
        quantity=said.quantity,
        amount=said.amount,
        metadata=said.metadata,
    )


def _refund(delivery: Delivery) -> Refund:
    said: PaymentRefunded = delivery.message
    return Refund(
        refund_id=said.refund_id,
        payment_id=said.payment_id,
        amount=said.amount,
        refunded_at=said.refunded_at,
        lines=tuple(LineReturn(line.line_id, line.quantity, line.amount) for line in said.lines),
        correlation_id=delivery.envelope.correlation_id,
        causation_id=str(delivery.id),
    )


def generate_codes(said: GenerateCodes) -> None:
    """Make the next chunk of a code job."""
    CODE_JOBS.run_chunk(said.job_id, chunk=said.chunk, at=clock.now())


def import_rows(said: ImportRows) -> None:
    """Do the next chunk of an import's rows."""
    IMPORTS.run_chunk(said.import_id, chunk=said.step, at=clock.now())


def expire_lots(said: ExpireLots) -> None:
    """Do the next chunk of an expiry run."""
    operations.EXPIRY_RUNS.run_chunk(said.run_id, chunk=said.chunk, at=clock.now())


def backtest_purchases(said: BacktestPurchases) -> None:
    """Do the next chunk of a backtest."""
    BACKTESTS.run_chunk(said.backtest_id, chunk=said.chunk, at=clock.now())


HANDLERS: Handlers = {
    ClockMoved: move_clock,
    SessionsRevoked: revoke_sessions,
    SigningKeyRetired: retire_signing_keys,
    UserRegistered: members_registered,
    UserDeactivated: members_deactivated,
    MerchantStaffChanged: staff_changed,
    PaymentCaptured: payments_captured,
    PaymentRefunded: payments_refunded,
    GenerateCodes: each(generate_codes),
    ImportRows: each(import_rows),
    ExpireLots: each(expire_lots),
    BacktestPurchases: each(backtest_purchases),
}
