"""What the payments service listens to, and the function that acts on each."""

from shared.contracts.auth import SessionsRevoked, SigningKeyRetired
from shared.messaging.inbox import Handlers
from shared.tokens.incoming import retire_signing_keys, revoke_sessions

HANDLERS: Handlers = {
    SessionsRevoked: revoke_sessions,
    SigningKeyRetired: retire_signing_keys,
}
