"""The rows of notices that points will end, and how far they were told."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from points.programmes.rules import Programme
from points.programmes.rules.expiry import midnight_after
from points.programmes.rules.notices import Window
from shared.db import array, execute, rows
from shared.ids import new_id


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
    """How far a run has come in a window: ends in their order, those of one instant by account."""

    expires_at: datetime
    account_id: int


# By the index of ends, which have the grace in them; the day that is told decides. A day's margin on both sides is for
# ends that were reckoned in another zone.
_DUE = """
SELECT l.account_id, a.member_id, sum(l.remaining)::bigint, told.day, l.expires_at
FROM lot l JOIN account a ON a.id = l.account_id
CROSS JOIN LATERAL (
    SELECT coalesce(l.expires_on, ((l.expires_at - interval '1 microsecond') AT TIME ZONE %(timezone)s)::date) AS day
) told
WHERE a.programme_id = %(programme)s AND l.is_open AND l.expires_at > %(at)s
    AND l.expires_at > %(first_end)s AND l.expires_at <= %(last_end)s
    AND (l.expires_at, l.account_id) >= (%(after_end)s, %(after_account)s)
    AND told.day BETWEEN %(first)s AND %(last)s
    AND NOT EXISTS (SELECT FROM expiry_notice n WHERE n.account_id = l.account_id AND n.expires_at = l.expires_at
        AND n.expires_on = told.day AND n.days = %(days)s)
GROUP BY l.account_id, a.member_id, told.day, l.expires_at ORDER BY l.expires_at, l.account_id LIMIT %(limit)s
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


def start_of(window: Window, timezone: str) -> Place:
    """Return the place before all ends of a window."""
    return Place(midnight_after(window.first - 2 * _MARGIN, timezone), 0)


def due(
    programme: Programme, window: Window, *, longest_grace: int, after: Place, at: datetime, limit: int
) -> list[Notice]:
    """Return the next notices of a window that were not told yet, in the order of the ends."""
    parameters = {
        "programme": programme.id,
        "timezone": programme.timezone,
        "at": at,
        "first_end": start_of(window, programme.timezone).expires_at,
        "last_end": midnight_after(window.last + timedelta(days=longest_grace) + _MARGIN, programme.timezone),
        "after_end": after.expires_at,
        "after_account": after.account_id,
        "limit": limit,
        **window._asdict(),
    }
    return [
        Notice(new_id(), account_id, programme.id, member_id, points, window.days, day, expires_at, at)
        for account_id, member_id, points, day, expires_at in rows(_DUE, parameters)
    ]


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
