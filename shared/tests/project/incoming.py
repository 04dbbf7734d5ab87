"""What the tests' own service listens to: each captured payment leaves a note."""

from shared.contracts.auth import SessionsRevoked, SigningKeyRetired
from shared.contracts.payments import PaymentCaptured
from shared.db import rows
from shared.errors import TooEarly
from shared.messaging.inbox import Handlers, each
from shared.tokens.incoming import retire_signing_keys, revoke_sessions
from tests.project.notes.models import Note

# The lock that a test has as long as it wants to hold a message up.
HELD = 4711


def note_payment(message: PaymentCaptured) -> None:
    if message.order_id == "poison":
        raise ZeroDivisionError
    if message.order_id == "early":
        raise TooEarly()
    if message.order_id == "held":
        rows("SELECT pg_advisory_xact_lock(%s)", [HELD])
    Note.objects.create(text=message.order_id)


HANDLERS: Handlers = {
    PaymentCaptured: each(note_payment),
    SessionsRevoked: revoke_sessions,
    SigningKeyRetired: retire_signing_keys,
}
