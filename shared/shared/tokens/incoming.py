"""What every service does when auth says that a user's tokens are no longer good."""

from collections.abc import Sequence

from shared.messaging.inbox import Delivery
from shared.tokens.revocations import revoke_older_tokens


def revoke_sessions(deliveries: Sequence[Delivery]) -> None:
    """Refuse the users' older tokens from now on."""
    revoke_older_tokens(revoked=[(delivery.message.user_id, delivery.message.not_before) for delivery in deliveries])
