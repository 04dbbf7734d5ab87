"""The ledger's periodic jobs: each does what is due now."""

from typing import Any

from celery import shared_task

from points.ledger import due, lot_ends
from shared import clock


@shared_task(name="ledger.publish_day_totals")
def publish_day_totals(**_: Any) -> None:
    """Publish today's totals, and yesterday's."""
    due.publish_totals(clock.now())


@shared_task(name="ledger.count_lot_ends")
def count_lot_ends(**_: Any) -> dict[str, int]:
    """Count what was posted since the last time for the forecasts of programmes."""
    return {"transactions": lot_ends.count()}


@shared_task(name="ledger.expire_holds")
def expire_holds(**_: Any) -> dict[str, int]:
    """Give back holds whose time has passed; nobody waits for it, because spending looks for itself."""
    holds, points = due.expire_holds(clock.now())
    return {"holds": holds, "points": points}


@shared_task(name="ledger.close_due_pending")
def close_due_pending(**_: Any) -> dict[str, int]:
    """Activate or cancel pending points whose time has come; nobody waits for it, because postings look themselves."""
    pending, points = due.close_pending(clock.now())
    return {"pending": pending, "points": points}
