"""What the points service listens to, and the function that acts on each."""

from collections.abc import Sequence

from points.imports.operations import work_on
from points.ledger import operations
from points.ledger.rules.purchases import LineReturn, NewPurchase, PurchaseLine, Refund
from points.members.operations import note_deactivated, note_registered
from points.vouchers import orders
from points.vouchers.jobs import make_chunk
from points.vouchers.orders import PaidOrder
from shared import clock
from shared.contracts.auth import SessionsRevoked, SigningKeyRetired, UserDeactivated, UserRegistered
from shared.contracts.payments import PaymentCaptured, PaymentRefunded
from shared.contracts.points import ExpireLots, GenerateCodes, ImportRows
from shared.messaging.inbox import Delivery, Handlers, each
from shared.tokens.incoming import retire_signing_keys, revoke_sessions


def members_registered(deliveries: Sequence[Delivery]) -> None:
    """Know these members from now on."""
    note_registered((delivery.message.user_id, delivery.message.registered_at) for delivery in deliveries)


def members_deactivated(deliveries: Sequence[Delivery]) -> None:
    """Give these members nothing in others' names any more."""
    note_deactivated((delivery.message.user_id, delivery.message.deactivated_at) for delivery in deliveries)


def payments_captured(deliveries: Sequence[Delivery]) -> None:
    """Give the points that payments earn, and note which orders with vouchers they paid."""
    # Orders first, as whoever uses or releases a voucher locks them before anything else.
    orders.note_payments([_paid_order(delivery) for delivery in deliveries])
    operations.earn_purchases([_purchase(delivery) for delivery in deliveries], at=clock.now())


def payments_refunded(deliveries: Sequence[Delivery]) -> None:
    """Take back the points of refunded payments; a refund that comes before its payment is delivered again."""
    at = clock.now()
    operations.claw_back_refunds([_refund(delivery) for delivery in deliveries], at=at)
    orders.note_returns([delivery.message.payment_id for delivery in deliveries if _is_whole(delivery)], at=at)


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
        member_id=said.member_id,
        currency=said.currency,
        amount=said.amount,
        money_amount=said.money_amount,
        lines=tuple(
            PurchaseLine(line_id=line.line_id, quantity=line.quantity, amount=line.amount) for line in said.lines
        ),
        captured_at=said.captured_at,
        correlation_id=delivery.envelope.correlation_id,
        causation_id=str(delivery.id),
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
    make_chunk(said.job_id, chunk=said.chunk, at=clock.now())


def import_rows(said: ImportRows) -> None:
    """Do the next chunk of an import's rows."""
    work_on(said.import_id, step=said.step, at=clock.now())


def expire_lots(said: ExpireLots) -> None:
    """Do the next chunk of an expiry run."""
    operations.expire_chunk(said.run_id, chunk=said.chunk, at=clock.now())


HANDLERS: Handlers = {
    SessionsRevoked: revoke_sessions,
    SigningKeyRetired: retire_signing_keys,
    UserRegistered: members_registered,
    UserDeactivated: members_deactivated,
    PaymentCaptured: payments_captured,
    PaymentRefunded: payments_refunded,
    GenerateCodes: each(generate_codes),
    ImportRows: each(import_rows),
    ExpireLots: each(expire_lots),
}
