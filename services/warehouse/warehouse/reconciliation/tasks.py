"""Periodic jobs of reconciliation; each may run beside itself.

The job of every few seconds leaves days to a comparison that is at them.
"""

from datetime import date, timedelta
from typing import Any

from celery import shared_task

from shared import clock
from warehouse.reconciliation import operations, queries

_RECENT = timedelta(days=35)
_AT_ONCE = 35


@shared_task(name="reconciliation.reconcile_open_days")
def reconcile_open_days(**_: Any) -> int:
    """Compare today, yesterday and all days that do not match yet; return how many days these are.

    None while another comparison runs.
    """
    at = clock.now()
    days = queries.open_days(at=at)
    return len(days) if operations.reconcile(days=days, at=at, waits=False) else 0


@shared_task(name="reconciliation.reconcile_recent_days")
def reconcile_recent_days(**_: Any) -> int:
    """Compare all counted days of the last five weeks again, also those that matched; return how many."""
    at = clock.now()
    days = queries.counted_days((at - _RECENT).date(), at.date())
    operations.reconcile(days=days, at=at)
    return len(days)


@shared_task(name="reconciliation.reconcile_all_days")
def reconcile_all_days(**_: Any) -> int:
    """Compare all days again that were ever counted, so that what changes of an old one is found; return how many."""
    at = clock.now()
    days = queries.counted_days(date.min, at.date())
    for first in range(0, len(days), _AT_ONCE):
        operations.reconcile(days=days[first : first + _AT_ONCE], at=at)
    return len(days)
