"""Periodic jobs of intake."""

from typing import Any

from celery import shared_task

from shared import clock
from warehouse.intake import operations


@shared_task(name="intake.make_partitions")
def make_partitions(**_: Any) -> int:
    """Make the partitions of the months to come."""
    return operations.make_partitions(at=clock.now())
