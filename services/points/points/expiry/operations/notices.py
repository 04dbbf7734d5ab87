"""Members told that points will end."""

from datetime import datetime, timedelta

from points.expiry.locks import try_notices_job
from points.expiry.rows import notices
from points.expiry.rows.notices import Place
from points.messages.outgoing.notices import points_expiring
from points.programmes.queries import programmes_with_notices
from points.programmes.rules import Programme
from points.programmes.rules.notices import Window, due_windows
from shared.db import unit_of_work
from shared.messaging.outbox import publish
from shared.testclock.due import first
from shared.zones import local_day, midnight_after


def publish_expiring(*, at: datetime, limit: int = 2500, batches: int = 100) -> int:
    """Tell members which points will end, as many days before as their programmes say; return how many notices it was.

    Each member, end and number of days is told once, in transactions of at most `limit` lots and at most so many of
    them: whoever runs it, and wherever it was killed, the next run goes on.
    """
    published = 0
    for programme, longest_grace in programmes_with_notices():
        today = local_day(at, programme.timezone)
        reached = notices.told_until(programme.id)
        for window in due_windows(programme.notice_days, told_until=reached, today=today):
            after: Place | None = notices.start_of(window, programme.timezone)
            while after and batches:
                batches -= 1
                count, after = _publish_next(programme, window, longest_grace, after, at=at, limit=limit)
                published += count
    return published


def next_notices(at: datetime) -> datetime | None:
    """Return when the next notices are due, after an instant: where a day begins that is so many days before an end."""
    return first(_next_of(*found, at=at) for found in programmes_with_notices())


def _next_of(programme: Programme, longest_grace: int, *, at: datetime) -> datetime | None:
    today, reached = local_day(at, programme.timezone), notices.told_until(programme.id)
    days = []
    for number in programme.notice_days:
        ahead = timedelta(days=number)
        told = max(reached.get(number, today + ahead), today + ahead)
        if day := notices.next_day(programme, longest_grace=longest_grace, told=told):
            days.append(day - ahead)
    return midnight_after(min(days) - timedelta(days=1), programme.timezone) if days else None


def _publish_next(
    programme: Programme, window: Window, longest_grace: int, after: Place, *, at: datetime, limit: int
) -> tuple[int, Place | None]:
    """Tell the next notices of a window; return how many, and where to go on (nowhere when all is told)."""
    with unit_of_work():
        if not try_notices_job():
            return 0, None
        found, further = notices.due(programme, window, longest_grace=longest_grace, after=after, at=at, limit=limit)
        if found:
            notices.insert(found)
            publish([points_expiring(notice) for notice in found], at=at)
        if further is None:
            notices.reach(programme.id, window)
        return len(found), further
