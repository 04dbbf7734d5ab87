"""Lists of transactions and lots: one member's, or everybody's."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from points.ledger import models
from shared import clock
from shared.ids import first_id_of


def account_of(programme_id: UUID, member_id: UUID) -> QuerySet[models.Account, tuple[int]]:
    """Return the one account that a list is of, to be looked up first: joined to it, all rows might be read in the
    list's order until those of the account come."""
    return models.Account.objects.filter(programme_id=programme_id, member_id=member_id).values_list("id")[:1]


def transactions_of(*, programme_id: UUID, member_id: UUID, **filters: Any) -> QuerySet[models.Transaction]:
    """Return a member's transactions in one programme, for lists (`-version` is their order)."""
    return models.Transaction.objects.filter(account_id=account_of(programme_id, member_id), **filters)


# A period is of the installation's time. Ids only say where to begin reading: one is made by the machine's clock, which
# is behind as far as the other was moved until now, a moment after the instant that its posting has, and by no job a
# day after it; clocks may be put back.
_BEFORE, _AFTER = timedelta(minutes=1), timedelta(days=1)
# Lists of everybody's rows are read along their ids. They say what is open in other words than the indexes of what is
# open do, or a planner that believes there is little of it would read and sort all of that.
M = TypeVar("M", models.Transaction, models.Lot, models.PendingPoints)


def all_transactions(
    *, programme_id: UUID | None = None, since: datetime | None = None, until: datetime | None = None, kind: str = ""
) -> QuerySet[models.Transaction]:
    """Return everybody's transactions, of one programme where it is named, for lists (`-id` is their order)."""
    found = of_programme(models.Transaction.objects.all(), programme_id)
    if since:
        found = found.filter(posted_at__gte=since, id__gte=first_id_of(since - clock.ahead() - _BEFORE))
    if until:
        found = found.filter(posted_at__lt=until, id__lt=first_id_of(until + _AFTER))
    return found.filter(kind=kind) if kind else found


def of_programme(found: QuerySet[M], programme_id: UUID | None) -> QuerySet[M]:
    """Narrow a list to one programme, whose rows are not looked for: each row's account is asked where it belongs."""
    if programme_id is None:
        return found
    account = models.Account.objects.filter(id=OuterRef("account_id")).values("programme_id")
    return found.alias(of_programme=Subquery(account)).filter(of_programme=programme_id)


def accounts_of(lots: Sequence[models.Lot]) -> dict[int, models.Account]:
    """Return the accounts of these lots by their ids."""
    return models.Account.objects.in_bulk({lot.account_id for lot in lots})


def lots_of(*, programme_id: UUID, member_id: UUID, at: datetime) -> QuerySet[models.Lot]:
    """Return a member's lots with points that can be spent, for lists (`number` is their order)."""
    return _not_ended(models.Lot.objects.filter(account_id=account_of(programme_id, member_id), is_open=True), at)


def all_lots(*, programme_id: UUID | None = None, at: datetime) -> QuerySet[models.Lot]:
    """Return everybody's lots with points that can be spent, for lists (`-id` is their order)."""
    return _not_ended(of_programme(models.Lot.objects.filter(remaining__gt=0), programme_id), at)


def _not_ended(found: QuerySet[models.Lot], at: datetime) -> QuerySet[models.Lot]:
    return found.filter(Q(expires_at__gt=at) | Q(expires_at=None))
