"""The rows of adjustments that wait for a second person, and of what was decided; both are only ever added."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from points.ledger import models
from shared.db import array, execute, named, rows
from shared.lists import owned


class Adjustment(NamedTuple):
    """An adjustment that waits for a second person, or was decided."""

    id: UUID
    programme_id: UUID
    member_id: UUID
    points: int
    reference: str
    reason: str
    requested_by: UUID
    requested_at: datetime
    state: str = "pending"
    decision_reason: str = ""
    transaction_id: UUID | None = None
    decided_by: UUID | None = None
    decided_at: datetime | None = None


_ASKED = "id, programme_id, member_id, points, reference, reason, requested_by, requested_at"
_READ = f"""
SELECT r.id, r.programme_id, r.member_id, r.points, r.reference, r.reason, r.requested_by, r.requested_at,
       coalesce(d.state, 'pending'), coalesce(d.reason, ''), d.transaction_id, d.decided_by, d.decided_at
FROM {named("adjustment_request")} r
LEFT JOIN LATERAL (SELECT * FROM adjustment_decision d WHERE d.request_id = r.id OFFSET 0) d ON true
"""
_DECIDE = """
INSERT INTO adjustment_decision (request_id, requested_by, state, reason, transaction_id, decided_by, decided_at)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""


def insert(asked: Adjustment) -> None:
    """Note an adjustment that waits."""
    execute(f"INSERT INTO adjustment_request ({_ASKED}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)", asked[:8])


def read(request_id: UUID) -> Adjustment | None:
    """Return an adjustment that waits or was decided."""
    found = read_all([request_id])
    return found[0] if found else None


def read_all(request_ids: Sequence[UUID]) -> list[Adjustment]:
    """Return those of these adjustments that are there, in this order."""
    found = {row[0]: Adjustment(*row) for row in rows(_READ, {"ids": array(request_ids)})}
    return [found[request_id] for request_id in request_ids if request_id in found]


def listed(state: str | None) -> QuerySet[models.AdjustmentRequest] | QuerySet[models.AdjustmentState]:
    """Return the adjustments in a state, or all, of which `read_all` tells the rest, for lists (`-requested_at`, `-pk`
    is their order)."""
    if state is None:
        return models.AdjustmentRequest.objects.only("requested_at")
    return owned(models.AdjustmentState.objects.only("requested_at"), state=state)


def decide(
    asked: Adjustment, state: str, *, reason: str, by: UUID, transaction_id: UUID | None, at: datetime
) -> Adjustment:
    """Note what was decided, once."""
    execute(_DECIDE, [asked.id, asked.requested_by, state, reason, transaction_id, by, at])
    return asked._replace(
        state=state, decision_reason=reason, transaction_id=transaction_id, decided_by=by, decided_at=at
    )
