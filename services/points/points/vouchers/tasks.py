"""Periodic jobs of vouchers."""

from typing import Any

from celery import shared_task

from points.vouchers.attempts import forget_failed_attempts
from shared import clock


@shared_task(name="vouchers.forget_failed_attempts")
def forget(**_: Any) -> int:
    """Remove failed attempts that no longer count."""
    return forget_failed_attempts(at=clock.now())
