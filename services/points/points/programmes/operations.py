"""Writes of programmes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from points.messages import outgoing
from points.programmes import models
from points.programmes.errors import ProgrammeNotFound
from points.programmes.queries import COLUMNS, MEMORY
from points.programmes.rules import Programme
from shared.db import execute, rows, unit_of_work
from shared.ids import new_id
from shared.messaging.outbox import tell


def create_programme(
    *,
    name: str,
    currency: str,
    timezone: str,
    earn_points: int,
    earn_amount: int,
    lot_days: int | None,
    value_points: int,
    value_amount: int,
    adjustment_limit: int | None = None,
    pending_days: int | None = None,
    return_policy: str = "arrears",
    arrears_cap: int | None = None,
    at: datetime,
) -> Programme:
    """Make a programme; the first one becomes the default."""
    with unit_of_work():
        # Two first programmes at once: the second waits and finds a default there.
        execute("LOCK TABLE programme IN SHARE ROW EXCLUSIVE MODE")
        made = models.Programme.objects.create(
            id=new_id(),
            name=name,
            currency=currency,
            timezone=timezone,
            earn_points=earn_points,
            earn_amount=earn_amount,
            lot_days=lot_days,
            value_points=value_points,
            value_amount=value_amount,
            adjustment_limit=adjustment_limit,
            pending_days=pending_days,
            return_policy=return_policy,
            arrears_cap=arrears_cap,
            rounding="floor",
            status="active",
            is_default=not models.Programme.objects.filter(is_default=True).exists(),
            created_at=at,
        )
        return _tell(made.id, at=at)


def change_programme(programme_id: UUID, *, changes: dict[str, Any], at: datetime) -> Programme:
    """Change what a programme says from now on; lots that are there keep their end.

    Making another one the default takes that from the present one.

    :raises ProgrammeNotFound: there is none.
    """
    with unit_of_work():
        execute("LOCK TABLE programme IN SHARE ROW EXCLUSIVE MODE")
        if changes.get("is_default"):
            models.Programme.objects.filter(is_default=True).update(is_default=False)
        if not models.Programme.objects.filter(id=programme_id).update(**changes):
            raise ProgrammeNotFound()
        return _tell(programme_id, at=at)


def _tell(programme_id: UUID, *, at: datetime) -> Programme:
    programme = Programme(*rows(f"SELECT {COLUMNS} FROM programme WHERE id = %s", [programme_id])[0])
    tell([outgoing.programme_changed(programme, at=at)], at=at)
    MEMORY.forget()
    return programme
