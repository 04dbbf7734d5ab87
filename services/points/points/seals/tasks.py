"""The sealer."""

from typing import Any

from celery import shared_task

from points.seals import operations
from shared import clock


@shared_task(name="seals.seal")
def seal(**_: Any) -> int:
    """Seal what has committed since the last run."""
    return operations.seal_all(at=clock.now())
