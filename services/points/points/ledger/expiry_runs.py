"""The rows of expiry runs, and how fast one gets ahead."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from points.ledger.errors import ExpiryRunNotFound
from points.ledger.models import ExpiryRun
from shared.lists import owned

OPEN = ("queued", "running")
STATES = (*OPEN, "done", "cancelled", "failed")


def listed(state: str | None) -> QuerySet[ExpiryRun]:
    """Return the runs in a state, or all, for lists."""
    return owned(ExpiryRun.objects.all(), state=state) if state else ExpiryRun.objects.all()


def read(run_id: UUID) -> ExpiryRun:
    """Return a run.

    :raises ExpiryRunNotFound: there is none.
    """
    found = ExpiryRun.objects.filter(id=run_id).first()
    if found is None:
        raise ExpiryRunNotFound()
    return found


def is_any_open() -> bool:
    """Tell whether a run of all programmes goes on."""
    of_all = ExpiryRun.objects.filter(programme=None)
    return any(owned(of_all, state=state).order_by("created_at", "id")[:1] for state in OPEN)


def pace(run: ExpiryRun, *, at: datetime) -> tuple[int, int | None]:
    """Return a run's lots per second, and in how many seconds it will be done at that rate.

    The latter is None before its first chunk and once it is finished.
    """
    seconds = ((run.finished_at or at) - (run.started_at or run.created_at)).total_seconds()
    rate = round(run.done / seconds) if seconds > 0 else 0
    if run.state not in OPEN or not run.done:
        return rate, None
    return rate, round(seconds * max(run.total - run.done, 0) / run.done)
