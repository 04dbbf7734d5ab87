"""The rows of adjustments that wait for a second person, and of what was decided; both are only ever added."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from points.adjustments import models
from points.ledger.rules.values import Kind
from shared.db import Row, array, execute, named, rows
from shared.lists import owned


class Adjustment(NamedTuple):
    """An adjustment, or an earning, that waits for a second person, or was decided."""

    id: UUID
    programme_id: UUID
    member_id: UUID
    points: int
    reference: str
    reason: str
    requested_by: UUID
    requested_at: datetime
    kind: str = Kind.ADJUSTED.value
    occurred_at: datetime | None = None
    expires_at: datetime | None = None
    activates: dict[str, Any] | None = None
    state: str = "pending"
    decision_reason: str = ""
    transaction_id: UUID | None = None
    decided_by: UUID | None = None
    decided_at: datetime | None = None


_REQUESTED = Adjustment._fields[: Adjustment._fields.index("state")]
_READ = f"""
SELECT {", ".join(f"r.{name}" for name in _REQUESTED)},
       coalesce(d.state, 'pending'), coalesce(d.reason, ''), d.transaction_id, d.decided_by, d.decided_at
FROM {named("adjustment_request")} r
LEFT JOIN LATERAL (SELECT * FROM adjustment_decision d WHERE d.request_id = r.id OFFSET 0) d ON true
"""
_INSERT = f"""
INSERT INTO adjustment_request ({", ".join(_REQUESTED)}) VALUES ({", ".join(["%s"] * (len(_REQUESTED) - 1))}, %s::jsonb)
"""
_DECIDE = """
INSERT INTO adjustment_decision (request_id, requested_by, state, reason, transaction_id, decided_by, decided_at)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""


def insert(request: Adjustment) -> None:
    """Note an adjustment that waits."""
    values = [*request[: len(_REQUESTED) - 1], None if request.activates is None else json.dumps(request.activates)]
    execute(_INSERT, values)


def read(request_id: UUID) -> Adjustment | None:
    """Return an adjustment that waits or was decided."""
    found = read_all([request_id])
    return found[0] if found else None


def read_all(request_ids: Sequence[UUID]) -> list[Adjustment]:
    """Return those of these adjustments that are there, in this order."""
    found = {row[0]: _adjustment(row) for row in rows(_READ, {"ids": array(request_ids)})}
    return [found[request_id] for request_id in request_ids if request_id in found]


def _adjustment(row: Row) -> Adjustment:
    found = Adjustment(*row)
    # A statement of our own gets JSON as text.
    return found._replace(activates=found.activates and json.loads(str(found.activates)))


def listed(state: str | None) -> QuerySet[models.AdjustmentRequest] | QuerySet[models.AdjustmentState]:
    """Return the adjustments in a state, or all, of which `read_all` tells the rest, for lists (`-requested_at`, `-pk`
    is their order)."""
    if state is None:
        return models.AdjustmentRequest.objects.only("requested_at")
    return owned(models.AdjustmentState.objects.only("requested_at"), state=state)


def decide(
    request: Adjustment, state: str, *, reason: str, by: UUID, transaction_id: UUID | None, at: datetime
) -> Adjustment:
    """Note what was decided, once."""
    execute(_DECIDE, [request.id, request.requested_by, state, reason, transaction_id, by, at])
    return request._replace(
        state=state, decision_reason=reason, transaction_id=transaction_id, decided_by=by, decided_at=at
    )
