"""The periodic jobs of the module keys."""

from typing import Any

from celery import shared_task

from identity.keys import operations
from shared import clock


@shared_task(name="keys.purge")
def purge(**_: Any) -> int:
    """Remove the keys that have retired."""
    return operations.purge(at=clock.machine_now())
