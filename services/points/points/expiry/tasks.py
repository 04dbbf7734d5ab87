"""The periodic jobs of expiry."""

from typing import Any

from celery import shared_task

from points.expiry import operations
from shared import clock


@shared_task(name="ledger.expire_points")
def expire_points(**_: Any) -> dict[str, int]:
    """Expire the lots whose time has passed, those of a large backlog by an expiry run."""
    lots, points = operations.expire_periodically(at=clock.now())
    return {"lots": lots, "points": points}


@shared_task(name="ledger.publish_expiring")
def publish_expiring(**_: Any) -> dict[str, int]:
    """Tell members which points will end; what one run leaves, the next one finds."""
    return {"notices": operations.publish_expiring(at=clock.now())}
