"""How long an earning waits."""

from datetime import datetime, timedelta

from tests.model.reference.arithmetic import midnight_after
from tests.model.world import Wait


def until(now: datetime, wait: Wait | None, days: int | None, timezone: str) -> datetime | None:
    """The instant that was asked for, else the end of the programme's last day of waiting; None for not at all."""
    if wait:
        return now + timedelta(hours=wait.hours)
    return midnight_after(now, days, timezone) if days else None
