"""What points says of events."""

from datetime import datetime
from uuid import UUID

from shared.contracts.base import Contract


class EventRecorded(Contract, frozen=True, kw_only=True):
    """An event of a member was told, by its sender's own `event_id`; of its data nothing is said.

    `points` are what the version `rules_version` gave, by `transaction_id`; `no_points_reason` says why rules did not
    judge it.
    """

    NAME = "event_recorded"
    PRODUCER = "points"

    id: UUID
    programme_id: UUID
    merchant_id: UUID | None
    event_id: str
    name: str
    member_id: UUID
    points: int
    transaction_id: UUID | None
    no_points_reason: str | None
    rules_version: int | None
    occurred_at: datetime
    recorded_at: datetime
