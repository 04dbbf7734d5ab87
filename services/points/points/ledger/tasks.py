"""The ledger's periodic jobs."""

from datetime import timedelta
from typing import Any

from celery import shared_task

from points.ledger import lot_ends, operations
from points.ledger.day_totals import add_up
from shared import clock


@shared_task(name="ledger.expire_points")
def expire_points(**_: Any) -> dict[str, int]:
    """Expire the lots whose time has passed, those of a large backlog by an expiry run."""
    lots, points = operations.expire_periodically(at=clock.now())
    return {"lots": lots, "points": points}


@shared_task(name="ledger.tell_expiring")
def tell_expiring(**_: Any) -> dict[str, int]:
    """Tell members which points will end; what one run leaves, the next one finds."""
    return {"notices": operations.tell_expiring(at=clock.now())}


@shared_task(name="ledger.tell_day_totals")
def tell_day_totals(**_: Any) -> None:
    """Tell today's totals, and yesterday's, as what is posted about midnight may commit after it."""
    add_up()
    at = clock.now()
    for day in (at.date() - timedelta(days=1), at.date()):
        operations.tell_day_totals(day, at=at)


@shared_task(name="ledger.count_lot_ends")
def count_lot_ends(**_: Any) -> dict[str, int]:
    """Count what was posted since the last time for the forecasts of programmes."""
    return {"transactions": lot_ends.count()}


@shared_task(name="ledger.expire_holds")
def expire_holds(**_: Any) -> dict[str, int]:
    """Give back holds whose time has passed; nobody waits for it, because spending looks for itself."""
    due = points = 0
    for _batch in range(40):
        found, released = operations.expire_holds(at=clock.now())
        due, points = due + found, points + released
        if not found:
            break
    return {"holds": due, "points": points}


@shared_task(name="ledger.close_due_pending")
def close_due_pending(**_: Any) -> dict[str, int]:
    """Activate or cancel pending points whose time has come; nobody waits for it, because postings look themselves."""
    due = points = 0
    for _batch in range(40):
        found, activated = operations.close_due_pending(at=clock.now())
        due, points = due + found, points + activated
        if not found:
            break
    return {"pending": due, "points": points}
