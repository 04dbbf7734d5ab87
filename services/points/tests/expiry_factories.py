"""Makers of expiry runs for tests."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from points.expiry import operations
from points.expiry.models import ExpiryRun
from shared.contracts.points import ExpireLots
from shared.ids import new_id
from shared.messaging.models import PublishedMessage
from shared.testing.messages import deliver, envelope_of
from tests.factories import AT, give

OPERATOR = UUID("00000000-0000-7000-8000-000000000004")
# The lots of these tests end an hour or some minutes before.
NOW = AT + timedelta(days=3)


def give_dead(*points: int, **more: Any) -> list[UUID]:
    """Give each of so many new members a lot of these points, dead by NOW; in the order in which they are named."""
    members = [new_id() for _ in points]
    for number, (member_id, count) in enumerate(zip(members, points, strict=True)):
        give(member_id, count, expires_at=AT + timedelta(days=2, minutes=number), **more)
    return members


def start(**more: Any) -> ExpiryRun:
    """Ask for an expiry run."""
    return operations.start_expiry_run(**({"requested_by": OPERATOR, "at": NOW} | more))


def work() -> int:
    """Deliver what runs ask of themselves until nothing is asked any more; return how many chunks were asked for."""
    seen: set[UUID] = set()
    while fresh := [row for row in PublishedMessage.objects.filter(name="expire_lots") if row.message_id not in seen]:
        for row in fresh:
            seen.add(row.message_id)
            receipt = deliver(envelope_of(ExpireLots.read(row.payload), message_id=row.message_id))
            assert receipt.done, receipt
    return len(seen)


def progress(run: ExpiryRun) -> tuple[str, int, int, int]:
    """Return a run's state, its lots that are done, all of them, and the points that ended."""
    run.refresh_from_db()
    return run.state, run.done, run.total, run.points
