"""What the warehouse listens to: everything. It is staged, becomes facts and is compared, in one transaction."""

from collections.abc import Sequence

from shared import clock
from shared.contracts.auth import SessionsRevoked, SigningKeyRetired
from shared.contracts.base import Contract
from shared.contracts.clock import ClockMoved
from shared.messaging.inbox import Delivery, Handlers
from shared.testclock.incoming import move_clock
from shared.tokens.incoming import retire_signing_keys, revoke_sessions
from warehouse.facts.operations import load_facts
from warehouse.intake.operations import stage
from warehouse.reconciliation.operations import take_totals


def take_in(deliveries: Sequence[Delivery]) -> None:
    """Stage a pack, make its facts, and act on what is said to us: revocations, retired keys, ledger totals
    and where the time stands.

    One function for all messages, so that a pack is one run: two packs at once then lock dimensions
    and facts in the same order.
    """
    at = clock.now()
    pack = stage(deliveries, at=at, machine_at=clock.machine_now())
    if pack is None:
        return
    names = {delivery.envelope.name for delivery in deliveries}
    load_facts(pack, names=names)
    if revoked := [delivery for delivery in deliveries if isinstance(delivery.message, SessionsRevoked)]:
        revoke_sessions(revoked)
    if retired := [delivery for delivery in deliveries if isinstance(delivery.message, SigningKeyRetired)]:
        retire_signing_keys(retired)
    if moved := [delivery for delivery in deliveries if isinstance(delivery.message, ClockMoved)]:
        move_clock(moved)
    if "ledger_day_totals" in names:
        take_totals(pack, at=at)


HANDLERS: Handlers = {
    ClockMoved: take_in,
    SessionsRevoked: take_in,
    SigningKeyRetired: take_in,
    Contract: take_in,
}
