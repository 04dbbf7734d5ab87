"""What the payments service listens to, and the function that acts on each."""

from collections.abc import Sequence

from payments.members.operations import note_deactivated, note_registered
from payments.sandbox.operations import note_reached
from shared.contracts.auth import SessionsRevoked, SigningKeyRetired, UserDeactivated, UserRegistered
from shared.contracts.clock import ClockMoved, ClockReached
from shared.messaging.inbox import Delivery, Handlers
from shared.testclock.incoming import move_clock
from shared.tokens.incoming import retire_signing_keys, revoke_sessions


def members_registered(deliveries: Sequence[Delivery]) -> None:
    """Know these members from now on."""
    note_registered((delivery.message.user_id, delivery.message.registered_at) for delivery in deliveries)


def members_deactivated(deliveries: Sequence[Delivery]) -> None:
    """Take no payment in these members' names any more."""
    note_deactivated((delivery.message.user_id, delivery.message.deactivated_at) for delivery in deliveries)


HANDLERS: Handlers = {
    ClockMoved: move_clock,
    ClockReached: note_reached,
    SessionsRevoked: revoke_sessions,
    SigningKeyRetired: retire_signing_keys,
    UserRegistered: members_registered,
    UserDeactivated: members_deactivated,
}
