"""The periodic jobs of segments."""

from typing import Any

from celery import shared_task

from points.segments.operations import purge_deleted


@shared_task(name="segments.purge")
def purge(**_: Any) -> int:
    """Purge the lists of segments that were deleted."""
    return purge_deleted()
