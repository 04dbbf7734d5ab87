"""Telling what a day came to, to whoever keeps books of their own."""

import json
from datetime import date, datetime

import msgspec

from payments.books.day_totals import day_totals
from payments.messages import outgoing
from shared.db import rows, unit_of_work
from shared.messaging.outbox import tell

# Two at once: the second waits for the first's row and then finds nothing new.
_REMEMBER = """
INSERT INTO day_totals_told (day, totals, told_at) VALUES (%(day)s, %(totals)s, %(at)s)
ON CONFLICT (day) DO UPDATE SET totals = excluded.totals, told_at = excluded.told_at
WHERE day_totals_told.totals <> excluded.totals OR %(even_if_told)s RETURNING day
"""


def tell_day_totals(day: date, *, at: datetime, even_if_told: bool = False) -> bool:
    """Tell a UTC day's totals where they differ from what was last told; return whether they were told."""
    with unit_of_work():
        totals = day_totals(day)
        if not (totals or even_if_told):
            return False
        known = json.dumps(msgspec.to_builtins(totals))
        if not rows(_REMEMBER, {"day": day, "totals": known, "at": at, "even_if_told": even_if_told}):
            return False
        tell([outgoing.day_totals(day, totals, at=at)], at=at)
    return True
