"""What every service does when auth says that tokens are no longer good: a user's, or all of a key's."""

from collections.abc import Sequence

from shared.messaging.inbox import Delivery
from shared.tokens.keys import retire_keys
from shared.tokens.revocations import revoke_older_tokens


def revoke_sessions(deliveries: Sequence[Delivery]) -> None:
    """Refuse the users' older tokens from now on."""
    revoke_older_tokens(revoked=[(delivery.message.user_id, delivery.message.not_before) for delivery in deliveries])


def retire_signing_keys(deliveries: Sequence[Delivery]) -> None:
    """Refuse from now on whatever these keys signed."""
    retire_keys(retired=[(delivery.message.kid, delivery.message.retired_at) for delivery in deliveries])
