"""The rows of expiry runs."""

from uuid import UUID

from django.db.models import QuerySet

from points.expiry.errors import ExpiryRunNotFound
from points.expiry.models import ExpiryRun
from shared.jobs.runner import OPEN
from shared.lists import owned

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
