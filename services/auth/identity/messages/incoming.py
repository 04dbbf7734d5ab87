"""What the auth service listens to, and the function that acts on each."""

from collections.abc import Sequence

from identity.users.merchants import note_merchants
from shared.contracts.auth import SessionsRevoked
from shared.contracts.clock import ClockMoved
from shared.contracts.payments import MerchantCreated
from shared.messaging.inbox import Delivery, Handlers
from shared.testclock.incoming import move_clock
from shared.tokens.incoming import revoke_sessions


def merchants_created(deliveries: Sequence[Delivery]) -> None:
    """Let people and programs work for these merchants."""
    note_merchants((delivery.message.merchant_id, delivery.message.created_at) for delivery in deliveries)


HANDLERS: Handlers = {
    ClockMoved: move_clock,
    SessionsRevoked: revoke_sessions,
    MerchantCreated: merchants_created,
}
