"""The periodic jobs of the module sessions."""

from typing import Any

from celery import shared_task

from identity.sessions import purging
from shared import clock


@shared_task(name="sessions.purge")
def purge(**_: Any) -> dict[str, int]:
    """Remove sessions, refresh tokens and counts of guesses that are of no use any more."""
    return purging.purge(at=clock.machine_now())
