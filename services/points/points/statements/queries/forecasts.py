"""What ends when, by months of the programme's time zone."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from uuid import UUID

from points.ledger import lot_ends
from points.ledger.rules.lots import is_alive
from points.ledger.rules.values import Lot
from points.ledger.spendable import lots_to_be_released
from points.programmes.rules import Programme
from points.programmes.rules.expiry import day_told
from points.statements.rules import Ending, Forecast, forecast, month_of
from shared.db import Row, array, rows
from shared.zones import local_day

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
# Each is looked up by itself.
_OPEN = """
SELECT l.id FROM unnest(%s::uuid[]) AS one (id)
CROSS JOIN LATERAL (SELECT id, remaining FROM lot WHERE lot.id = one.id OFFSET 0) l WHERE l.remaining > 0
"""


def expiry_forecast(programme: Programme, *, at: datetime, member_id: UUID | None = None) -> Forecast:
    """Return what ends when of one member's points, or of all in the programme.

    A member's are those that can be spent now, whether or not the jobs have closed what is due.
    """
    endings = [Ending(*row) for row in _endings(programme, at=at, member_id=member_id)]
    if member_id:
        free = [lot for lot in lots_to_be_released(programme.id, member_id, at=at) if is_alive(lot, at=at)]
        endings += _endings_of(free, programme, at)
    return forecast(endings, first_month=month_of(at, programme.timezone))


def _endings(programme: Programme, *, at: datetime, member_id: UUID | None) -> list[Row]:
    if member_id is None and lot_ends.is_begun():
        return lot_ends.endings(programme.id, timezone=programme.timezone, at=at)
    parameters = {"programme": programme.id, "timezone": programme.timezone, "at": at, "member": member_id}
    # Of a programme whose lots the job has not counted yet, after an upgrade or a restore: all of them.
    return rows(_OF_MEMBER if member_id else _OF_ALL, parameters)


def _endings_of(free: Sequence[Lot], programme: Programme, at: datetime) -> Iterator[Ending]:
    """Yield when lots end that will be released; one that is open, or comes in two parts, is one lot."""
    seen = {row[0] for row in rows(_OPEN, [array([lot.id for lot in free])])} if free else set()
    for lot in free:
        yield Ending(_month(lot, programme, at), lot.remaining, lot.id not in seen)
        seen.add(lot.id)


def _month(lot: Lot, programme: Programme, at: datetime) -> date | None:
    if lot.expires_at is None:
        return None
    day = max(day_told(lot.expires_at, lot.expires_on, programme.timezone), local_day(at, programme.timezone))
    return day.replace(day=1)
