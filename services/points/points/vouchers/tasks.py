"""Periodic jobs of vouchers."""

from typing import Any

from celery import shared_task

from points.vouchers.attempts import purge_failed_attempts
from shared import clock


@shared_task(name="vouchers.purge_failed_attempts")
def purge(**_: Any) -> int:
    """Remove failed attempts that no longer count."""
    return purge_failed_attempts(at=clock.machine_now())
