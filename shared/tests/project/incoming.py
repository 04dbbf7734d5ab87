"""What the tests' own service listens to: payments, and its own campaigns and jobs, leave notes."""

from shared.contracts.auth import SessionsRevoked, SigningKeyRetired
from shared.contracts.clock import ClockMoved
from shared.contracts.payments import PaymentCaptured
from shared.contracts.points import GenerateCodes
from shared.contracts.vouchers import VoucherCampaignChanged
from shared.db import rows
from shared.errors import TooEarly
from shared.messaging.inbox import Handlers, each
from shared.testclock.incoming import move_clock
from shared.tokens.incoming import retire_signing_keys, revoke_sessions
from tests.project.notes.models import Note

# The lock that a test has as long as it wants to hold a message up.
HELD = 4711


def note_payment(message: PaymentCaptured) -> None:
    leave_note(message.order_id)


def note_campaign(message: VoucherCampaignChanged) -> None:
    leave_note(message.name)


def note_chunk(message: GenerateCodes) -> None:
    leave_note(f"chunk {message.chunk}")


def leave_note(text: str) -> None:
    if text == "poison":
        raise ZeroDivisionError
    if text == "early":
        raise TooEarly()
    if text == "held":
        rows("SELECT pg_advisory_xact_lock(%s)", [HELD])
    Note.objects.create(text=text)


HANDLERS: Handlers = {
    ClockMoved: move_clock,
    PaymentCaptured: each(note_payment),
    VoucherCampaignChanged: each(note_campaign),
    GenerateCodes: each(note_chunk),
    SessionsRevoked: revoke_sessions,
    SigningKeyRetired: retire_signing_keys,
}
