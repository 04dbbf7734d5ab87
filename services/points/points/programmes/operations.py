"""Writes of programmes."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import F, Value
from django.db.models.functions import Greatest

from points.messages.outgoing.programmes import programme_changed
from points.programmes import models
from points.programmes.errors import DefaultClosed, ProgrammeNotFound
from points.programmes.queries import COLUMNS, MEMORY, programme_of
from points.programmes.rules import MAX_AMOUNT, MAX_POINTS_PER_PURCHASE, MAX_PURCHASE_AGE_DAYS, Programme, raised
from points.programmes.rules.expiry import Policy, policy_of_days, with_days
from shared.db import execute, rows, unit_of_work
from shared.ids import new_id
from shared.messaging.outbox import publish


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
    expiry: Policy | None = None,
    grace_days: int = 0,
    notice_days: Sequence[int] = (),
    pending_days: int | None = None,
    return_policy: str = "arrears",
    arrears_cap: int | None = None,
    unknown_members: str = "accept",
    merchants: Collection[UUID] | None = None,
    max_points_per_purchase: int = MAX_POINTS_PER_PURCHASE,
    max_amount: int = MAX_AMOUNT,
    max_purchase_age_days: int = MAX_PURCHASE_AGE_DAYS,
    rounding: str = "floor",
    at: datetime,
) -> Programme:
    """Make a programme; the first one becomes the default. Points end as `expiry` says, where it is given."""
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
            **_expiry(expiry or policy_of_days(lot_days)),
            grace_days=grace_days,
            longest_grace=grace_days,
            notice_days=list(notice_days),
            value_points=value_points,
            value_amount=value_amount,
            adjustment_limit=adjustment_limit,
            pending_days=pending_days,
            return_policy=return_policy,
            arrears_cap=arrears_cap,
            unknown_members=unknown_members,
            merchants=None if merchants is None else list(merchants),
            max_points_per_purchase=max_points_per_purchase,
            max_amount=max_amount,
            max_purchase_age_days=max_purchase_age_days,
            rounding=rounding,
            status="active",
            is_default=not models.Programme.objects.filter(is_default=True).exists(),
            created_at=at,
        )
        return _publish(made.id, at=at)


def change_programme(
    programme_id: UUID, *, changes: dict[str, Any], actor_id: UUID | None = None, at: datetime
) -> Programme:
    """Change what a programme says from now on; lots that are there keep their end.

    `lot_days` and `expiry` each replace the other; where both are named, `expiry` counts.

    Making another one the default takes that from the present one. Whoever raises `adjustment_limit` is bound by what
    it was until it is that low again, so that nobody moves more alone by changing it first; `actor_id` is None where
    it is nobody who could.

    :raises ProgrammeNotFound: there is none.
    :raises DefaultClosed: a closed one is to become the default.
    """
    with unit_of_work():
        execute("LOCK TABLE programme IN SHARE ROW EXCLUSIVE MODE")
        if changes.get("is_default"):
            _check_open(programme_id, changes)
            models.Programme.objects.filter(is_default=True).update(is_default=False)
        columns = _columns(changes) | _limit(_read(programme_id), changes, actor_id)
        models.Programme.objects.filter(id=programme_id).update(**columns)
        return _publish(programme_id, at=at)


def _limit(present: Programme, changes: dict[str, Any], actor_id: UUID | None) -> dict[str, Any]:
    if "adjustment_limit" not in changes:
        return {}
    by, before = raised(present, changes["adjustment_limit"], by=actor_id)
    return {"limit_raised_by": by, "limit_before": before}


def _read(programme_id: UUID) -> Programme:
    found = rows(f"SELECT {COLUMNS} FROM programme WHERE id = %s", [programme_id])
    if not found:
        raise ProgrammeNotFound()
    return programme_of(found[0])


def _check_open(programme_id: UUID, changes: dict[str, Any]) -> None:
    present = models.Programme.objects.filter(id=programme_id).values_list("status", flat=True).first()
    if changes.get("status", present) == "closed":
        raise DefaultClosed()


def _columns(changes: dict[str, Any]) -> dict[str, Any]:
    columns = dict(changes)
    if "expiry" in changes or "lot_days" in changes:
        columns |= _expiry(changes.get("expiry") or policy_of_days(changes.get("lot_days")))
    if "grace_days" in changes:
        columns["longest_grace"] = Greatest(F("longest_grace"), Value(changes["grace_days"]))
    return columns


def _expiry(policy: Policy) -> dict[str, Any]:
    lot_days, other = with_days(policy)
    return {"lot_days": lot_days, "expiry": msgspec.to_builtins(other)}


def _publish(programme_id: UUID, *, at: datetime) -> Programme:
    programme = _read(programme_id)
    publish([programme_changed(programme, at=at)], at=at)
    MEMORY.invalidate()
    return programme
