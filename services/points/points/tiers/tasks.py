"""The periodic jobs of tiers."""

from typing import Any

from celery import shared_task

from points.tiers import operations
from shared import clock


@shared_task(name="tiers.judge_periods")
def judge_periods(**_: Any) -> dict[str, int]:
    """Judge the tiers of members whose periods or overrides are over; what one run leaves, the next one finds."""
    return {"judged": operations.judge_periods(at=clock.now())}


@shared_task(name="tiers.tell_expiring")
def tell_expiring(**_: Any) -> dict[str, int]:
    """Tell members who would fall at their period's end; what one run leaves, the next one finds."""
    return {"notices": operations.tell_expiring(at=clock.now())}
