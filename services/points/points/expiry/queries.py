"""Which lots are to end."""

from datetime import datetime
from typing import Any
from uuid import UUID

from points.ledger.queries import DUE, DueLot
from shared.db import rows, rows_in_order


def lots_due(
    *, as_of: datetime, limit: int, programme_id: UUID | None = None, after: tuple[datetime, UUID] | None = None
) -> list[DueLot]:
    """Return open lots whose time has passed (of one programme, where it is named), oldest expiry first.

    Where a lot's end and id are given, those that come after it.
    """
    found = rows(
        f"{DUE}{' AND a.programme_id = %s' if programme_id else ''}"
        f"{' AND (l.expires_at, l.id) > (%s, %s)' if after else ''} ORDER BY l.expires_at, l.id LIMIT %s",
        [as_of, *([programme_id] if programme_id else []), *(after or ()), limit],
    )
    return [DueLot(*row) for row in found]


def next_due(at: datetime) -> datetime | None:
    """Return when the next open lot ends, after an instant."""
    sql = "SELECT expires_at FROM lot WHERE is_open AND expires_at > %s ORDER BY expires_at, id LIMIT 1"
    found = rows_in_order(sql, [at])
    return found[0][0] if found else None


def count_lots_due(*, as_of: datetime, programme_id: UUID | None = None) -> int:
    """Return how many open lots' time has passed, of one programme, where it is named."""
    counted = "SELECT count(*) FROM lot l WHERE l.is_open AND l.expires_at <= %s"
    values: list[Any] = [as_of]
    if programme_id:
        of_programme = " AND EXISTS (SELECT FROM account a WHERE a.id = l.account_id AND a.programme_id = %s)"
        counted, values = counted + of_programme, [*values, programme_id]
    ((count,),) = rows(counted, values)
    return int(count)
