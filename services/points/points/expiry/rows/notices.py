"""The rows of notices that points will end, and how far they were told."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from points.programmes.rules import Programme
from points.programmes.rules.notices import Window
from shared.db import array, execute, rows, rows_in_order
from shared.ids import new_id
from shared.zones import midnight_after


class Notice(NamedTuple):
    """Points of one member in one programme that end together, told of so many days before."""

    id: UUID
    account_id: int
    programme_id: UUID
    member_id: UUID
    points: int
    days: int
    expires_on: date
    expires_at: datetime
    told_at: datetime


class Place(NamedTuple):
    """How far a run has come in a window: lots in the order of their ends, those of one instant by id."""

    expires_at: datetime
    lot_id: UUID


_FIRST_ID = UUID(int=0)
_DAY = "coalesce(l.expires_on, ((l.expires_at - interval '1 microsecond') AT TIME ZONE %(timezone)s)::date)"
# By the index of ends, which have the grace in them; the day that is told decides. A day's margin on both sides is for
# ends that were reckoned in another zone. A page is of lots, so that it costs the same wherever it begins, however many
# end together; what ends with one of them is added up by its account, and not found again once it was told.
_DUE = f"""
WITH page AS MATERIALIZED (
    SELECT l.id, l.account_id, a.member_id, {_DAY} AS day, l.expires_at FROM lot l CROSS JOIN LATERAL (
        SELECT member_id FROM account a WHERE a.id = l.account_id AND a.programme_id = %(programme)s OFFSET 0) a
    WHERE l.is_open AND l.expires_at > %(at)s AND l.expires_at > %(first_end)s AND l.expires_at <= %(last_end)s
        AND (l.expires_at, l.id) > (%(after_end)s, %(after_lot)s) AND {_DAY} BETWEEN %(first)s AND %(last)s
        AND NOT EXISTS (SELECT FROM expiry_notice n WHERE n.account_id = l.account_id AND n.expires_at = l.expires_at
            AND n.expires_on = {_DAY} AND n.days = %(days)s OFFSET 0)
    ORDER BY l.expires_at, l.id LIMIT %(limit)s
)
SELECT p.account_id, p.member_id, together.points, p.day, p.expires_at,
    (SELECT count(*) FROM page), (SELECT id FROM page ORDER BY expires_at DESC, id DESC LIMIT 1)
FROM (SELECT DISTINCT account_id, member_id, day, expires_at FROM page) p CROSS JOIN LATERAL (
    SELECT sum(remaining)::bigint AS points FROM lot l WHERE l.is_open
        AND (l.account_id, l.expires_at) >= (p.account_id, p.expires_at)
        AND (l.account_id, l.expires_at) <= (p.account_id, p.expires_at) AND {_DAY} = p.day OFFSET 0) together
ORDER BY p.expires_at, p.account_id
"""
_INSERT = """
INSERT INTO expiry_notice (id, account_id, points, days, expires_on, expires_at, told_at)
SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::smallint[], %s::date[], %s::timestamptz[],
    %s::timestamptz[])
"""
_REACHED = """
INSERT INTO notice_run (programme_id, days, until) VALUES (%s, %s, %s)
ON CONFLICT (programme_id, days) DO UPDATE SET until = greatest(notice_run.until, excluded.until)
"""
_MARGIN = timedelta(days=1)

# The first day that is still to be told of: among the lots that end next, and those that do so within the longest grace
# after, whose day may be before.
_NEXT_DAY = f"""
WITH next AS MATERIALIZED (
    SELECT l.expires_at FROM lot l CROSS JOIN LATERAL (
        SELECT FROM account a WHERE a.id = l.account_id AND a.programme_id = %(programme)s OFFSET 0) a
    WHERE l.is_open AND l.expires_at > %(first_end)s AND {_DAY} > %(told)s ORDER BY l.expires_at, l.id LIMIT 1
)
SELECT min({_DAY}) FROM next CROSS JOIN LATERAL (
    SELECT * FROM lot l WHERE l.is_open AND l.expires_at > %(first_end)s
        AND l.expires_at <= next.expires_at + %(grace)s AND {_DAY} > %(told)s OFFSET 0) l
CROSS JOIN LATERAL (
    SELECT FROM account a WHERE a.id = l.account_id AND a.programme_id = %(programme)s OFFSET 0) a
"""


def start_of(window: Window, timezone: str) -> Place:
    """Return the place before all ends of a window."""
    return Place(midnight_after(window.first - 2 * _MARGIN, timezone), _FIRST_ID)


def due(
    programme: Programme, window: Window, *, longest_grace: int, after: Place, at: datetime, limit: int
) -> tuple[list[Notice], Place | None]:
    """Return the notices of the next lots of a window that were not told yet, at most so many, in the order of the
    ends; and where to go on, None after the last."""
    parameters = {
        "programme": programme.id,
        "timezone": programme.timezone,
        "at": at,
        "first_end": start_of(window, programme.timezone).expires_at,
        "last_end": midnight_after(window.last + timedelta(days=longest_grace) + _MARGIN, programme.timezone),
        "after_end": after.expires_at,
        "after_lot": after.lot_id,
        "limit": limit,
        **window._asdict(),
    }
    found = rows_in_order(_DUE, parameters)
    made = [
        Notice(new_id(), account_id, programme.id, member_id, points, window.days, day, expires_at, at)
        for account_id, member_id, points, day, expires_at, _, _ in found
    ]
    if not found or found[-1][5] < limit:
        return made, None
    return made, Place(made[-1].expires_at, found[-1][6])


def next_day(programme: Programme, *, longest_grace: int, told: date) -> date | None:
    """Return the first day after those that were told on which points of a programme end, None where none do."""
    parameters = {
        "programme": programme.id,
        "timezone": programme.timezone,
        "told": told,
        "first_end": midnight_after(told - _MARGIN, programme.timezone),
        "grace": timedelta(days=longest_grace),
    }
    ((day,),) = rows_in_order(_NEXT_DAY, parameters)
    found: date | None = day
    return found


def insert(notices: Sequence[Notice]) -> None:
    """Note that members are told."""
    found = [(one.id, one.account_id, *one[4:]) for one in notices]
    execute(_INSERT, [array(column) for column in zip(*found, strict=True)])


def told_until(programme_id: UUID) -> dict[int, date]:
    """Return how far a programme's notices were told, by their number of days."""
    return dict(rows("SELECT days, until FROM notice_run WHERE programme_id = %s", [programme_id]))


def reach(programme_id: UUID, window: Window) -> None:
    """Note that all of a window was told."""
    execute(_REACHED, [programme_id, window.days, window.last])
