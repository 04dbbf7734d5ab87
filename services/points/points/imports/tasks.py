"""Periodic jobs of imports."""

from typing import Any

from celery import shared_task

from points.imports.operations import purge_imports
from shared import clock


@shared_task(name="imports.purge")
def purge(**_: Any) -> int:
    """Purge the files of imports that finished long ago."""
    return purge_imports(at=clock.now())
