"""What ends when, by months of the programme's time zone."""

from datetime import datetime
from uuid import UUID

from points.ledger import lot_ends
from points.programmes.rules import Programme
from points.statements.rules import Ending, Forecast, forecast, month_of
from shared.db import Row, rows

# A lot that ends at midnight can be spent until the day before is over, so it belongs to that day's month. With a
# grace, to that of the day that members are told, or to this month once that has passed.
_ENDINGS = """
SELECT date_trunc('month', greatest(
        coalesce(l.expires_on, ((l.expires_at - interval '1 microsecond') AT TIME ZONE %(timezone)s)::date),
        CASE WHEN l.expires_at IS NOT NULL THEN (%(at)s AT TIME ZONE %(timezone)s)::date END))::date AS month,
    sum(l.remaining)::bigint, count(*)
FROM lot l JOIN account a ON a.id = l.account_id
WHERE a.programme_id = %(programme)s AND l.is_open AND (l.expires_at > %(at)s OR l.expires_at IS NULL)
"""
_OF_MEMBER = _ENDINGS + "AND a.member_id = %(member)s GROUP BY month"
_OF_ALL = _ENDINGS + "GROUP BY month"


def expiry_forecast(programme: Programme, *, at: datetime, member_id: UUID | None = None) -> Forecast:
    """Return what ends when of one member's points, or of all in the programme."""
    found = _endings(programme, at=at, member_id=member_id)
    return forecast((Ending(*row) for row in found), first_month=month_of(at, programme.timezone))


def _endings(programme: Programme, *, at: datetime, member_id: UUID | None) -> list[Row]:
    if member_id is None and lot_ends.is_begun():
        return lot_ends.endings(programme.id, timezone=programme.timezone, at=at)
    parameters = {"programme": programme.id, "timezone": programme.timezone, "at": at, "member": member_id}
    # Of a programme whose lots the job has not counted yet, after an upgrade or a restore: all of them.
    return rows(_OF_MEMBER if member_id else _OF_ALL, parameters)
