"""The periodic jobs of events."""

from typing import Any

from celery import shared_task

from points.events import operations
from shared import clock


@shared_task(name="events.give_birthdays")
def give_birthdays(**_: Any) -> dict[str, int]:
    """Give members what rules give on their birthdays; what one run leaves, the next one finds."""
    return {"birthdays": operations.give_birthdays(at=clock.now())}
