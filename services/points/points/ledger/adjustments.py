"""The rows of adjustments that wait for a second person, and of what was decided; both are only ever added."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from points.ledger import models
from shared.db import execute, rows
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
_READ = """
SELECT r.id, r.programme_id, r.member_id, r.points, r.reference, r.reason, r.requested_by, r.requested_at,
       coalesce(d.state, 'pending'), coalesce(d.reason, ''), d.transaction_id, d.decided_by, d.decided_at
FROM adjustment_request r LEFT JOIN adjustment_decision d ON d.request_id = r.id
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
    found = rows(f"{_READ} WHERE r.id = %s", [request_id])
    return Adjustment(*found[0]) if found else None


Row = models.AdjustmentRequest | models.AdjustmentState


def listed(state: str | None) -> QuerySet[models.AdjustmentRequest] | QuerySet[models.AdjustmentState]:
    """Return the adjustments in a state, or all, for lists (`-requested_at`, `-pk` is their order)."""
    if state is None:
        return models.AdjustmentRequest.objects.select_related("adjustmentdecision")
    found = models.AdjustmentState.objects.select_related("request__adjustmentdecision")
    return owned(found, state=state)


def of_row(listed_row: Row) -> Adjustment:
    """Return a listed adjustment."""
    row = listed_row.request if isinstance(listed_row, models.AdjustmentState) else listed_row
    asked = Adjustment(
        row.id,
        row.programme_id,
        row.member_id,
        row.points,
        row.reference,
        row.reason,
        row.requested_by,
        row.requested_at,
    )
    if (made := getattr(row, "adjustmentdecision", None)) is None:
        return asked
    return asked._replace(
        state=made.state,
        decision_reason=made.reason,
        transaction_id=made.transaction_id,
        decided_by=made.decided_by,
        decided_at=made.decided_at,
    )


def decide(
    asked: Adjustment, state: str, *, reason: str, by: UUID, transaction_id: UUID | None, at: datetime
) -> Adjustment:
    """Note what was decided, once."""
    execute(_DECIDE, [asked.id, asked.requested_by, state, reason, transaction_id, by, at])
    return asked._replace(
        state=state, decision_reason=reason, transaction_id=transaction_id, decided_by=by, decided_at=at
    )
