"""Publishing what a day came to, for whoever keeps books of their own."""

import json
from datetime import date, datetime, timedelta

import msgspec

from payments.books.day_totals import add_up, day_totals
from payments.messages import outgoing
from shared.db import rows, unit_of_work
from shared.messaging.outbox import publish

# Two at once: the second waits, counts after the first, and publishes after it what came since, if anything did.
_ALONE = "SELECT pg_advisory_xact_lock(hashtext('payments.published_totals'), %s)"
_REMEMBER = """
INSERT INTO day_totals_published (day, totals, published_at) VALUES (%(day)s, %(totals)s, %(at)s)
ON CONFLICT (day) DO UPDATE SET totals = excluded.totals, published_at = excluded.published_at
WHERE day_totals_published.totals <> excluded.totals OR %(even_if_published)s RETURNING day
"""


def publish_day_totals(day: date, *, at: datetime, even_if_published: bool = False) -> bool:
    """Publish a UTC day's totals where they differ from what was last published; return whether they were."""
    with unit_of_work():
        rows(_ALONE, [day.toordinal()])
        totals = day_totals(day)
        if not (totals or even_if_published):
            return False
        known = json.dumps(msgspec.to_builtins(totals))
        if not rows(_REMEMBER, {"day": day, "totals": known, "at": at, "even_if_published": even_if_published}):
            return False
        publish([outgoing.day_totals(day, totals, at=at)], at=at)
    return True


def publish_totals_of(at: datetime) -> int:
    """Publish a day's totals, and the day's before, as what is posted about midnight may commit after it; return 0."""
    add_up()
    for day in (at.date() - timedelta(days=1), at.date()):
        publish_day_totals(day, at=at)
    return 0
