"""Holds and pending points."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from points.ledger import holds, models, pending
from points.ledger.errors import HoldNotFound, PendingNotFound
from points.ledger.queries.lists import account_of, of_programme
from points.ledger.rules.values import Hold, Pending, PendingState


def known_hold(hold_id: UUID) -> Hold:
    """Return a hold with the lots it took from.

    :raises HoldNotFound: there is none.
    """
    if not (found := holds.read(named=[hold_id])):
        raise HoldNotFound()
    return found[0]


def known_pending(pending_id: UUID) -> Pending:
    """Return points that are or were pending.

    :raises PendingNotFound: there are none.
    """
    if not (found := pending.read(named=[pending_id])):
        raise PendingNotFound()
    return found[0]


def pending_of(*, programme_id: UUID, member_id: UUID, state: str, at: datetime) -> QuerySet[models.PendingPoints]:
    """Return a member's pending points in a state, for lists (`id` is their order); due ones count as closed."""
    return _in_state(models.PendingPoints.objects.filter(account_id=account_of(programme_id, member_id)), state, at)


def all_pending(*, programme_id: UUID | None = None, state: str, at: datetime) -> QuerySet[models.PendingPoints]:
    """Return everybody's pending points in a state, for lists (`-id` is their order); due ones count as closed."""
    found = of_programme(models.PendingPoints.objects.all(), programme_id)
    if state == PendingState.PENDING:
        return found.filter(closed_at=None, due_at__gt=at)  # as below, see `M`
    return _in_state(found, state, at)


def _in_state(found: QuerySet[models.PendingPoints], state: str, at: datetime) -> QuerySet[models.PendingPoints]:
    if state == PendingState.PENDING:
        return found.filter(state=state, due_at__gt=at)
    due = Q(state=PendingState.PENDING, due_at__lte=at)
    waited = Q(on_event="") if state == PendingState.ACTIVATED else ~Q(on_event="")
    return found.filter(Q(state=state) | due & waited)
