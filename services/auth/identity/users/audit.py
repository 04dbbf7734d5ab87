"""The audit: one line for each thing that somebody may ask about later."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from identity.users.models import AuditEntry
from shared import context


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from, and who made it, where that is known."""

    address: str | None = None
    agent: str = ""
    actor_id: UUID | None = None


def note(event: str, *, origin: Origin, at: datetime, subject_id: UUID | None = None, **details: Any) -> None:
    """Write one line; it commits with the change it tells of.

    `at` is the machine's time. `details` hold ids, codes and reasons; never a secret, never what somebody typed.
    """
    AuditEntry.objects.create(
        created_at=at,
        event=event,
        actor_id=origin.actor_id,
        subject_id=subject_id,
        address=origin.address,
        agent=origin.agent,
        request_id=context.request_id.get()[:64],
        details=details,
    )
