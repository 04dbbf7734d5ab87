"""What the payments service listens to, and the function that acts on each."""

from shared.contracts.auth import SessionsRevoked
from shared.messaging.inbox import Handlers
from shared.tokens.incoming import revoke_sessions

HANDLERS: Handlers = {
    SessionsRevoked: revoke_sessions,
}
