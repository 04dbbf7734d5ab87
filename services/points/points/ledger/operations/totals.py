"""What a day came to, published for whoever keeps books of their own."""

import json
from datetime import date, datetime

import msgspec

from points.ledger.day_parts import parts_of
from points.ledger.day_totals import day_totals
from shared.contracts.totals import LedgerDayTotals
from shared.db import rows, unit_of_work
from shared.ids import new_id
from shared.messaging.outbox import publish

# Two at once: the second waits, counts after the first, and publishes after it what came since, if anything did.
_ALONE = "SELECT pg_advisory_xact_lock(hashtext('points.published_totals'), %s)"
_REMEMBER = """
INSERT INTO day_totals_published (day, totals, published_at) VALUES (%(day)s, %(totals)s, %(at)s)
ON CONFLICT (day) DO UPDATE SET totals = excluded.totals, published_at = excluded.published_at
WHERE day_totals_published.totals <> excluded.totals OR %(even_if_published)s RETURNING day
"""


def publish_day_totals(day: date, *, at: datetime, even_if_published: bool = False) -> bool:
    """Publish a UTC day's totals where they differ from what was last published; return whether they were.

    The day is that of posting: it grows until it is over and stays the same after.
    """
    with unit_of_work():
        rows(_ALONE, [day.toordinal()])
        totals = [*day_totals(day), *parts_of(day)]
        if not (totals or even_if_published):
            return False
        known = json.dumps(msgspec.to_builtins(totals))
        if not rows(_REMEMBER, {"day": day, "totals": known, "at": at, "even_if_published": even_if_published}):
            return False
        publish([LedgerDayTotals(service="points", totals_id=new_id(), day=day, as_of=at, totals=totals)], at=at)
    return True
