"""What a day came to, told to whoever keeps books of their own."""

import json
from datetime import date, datetime

import msgspec

from points.ledger.day_totals import day_totals
from shared.contracts.totals import LedgerDayTotals
from shared.db import rows, unit_of_work
from shared.ids import new_id
from shared.messaging.outbox import tell

# Two at once: the second waits for the first's row and then finds nothing new.
_REMEMBER = """
INSERT INTO day_totals_told (day, totals, told_at) VALUES (%(day)s, %(totals)s, %(at)s)
ON CONFLICT (day) DO UPDATE SET totals = excluded.totals, told_at = excluded.told_at
WHERE day_totals_told.totals <> excluded.totals OR %(even_if_told)s RETURNING day
"""


def tell_day_totals(day: date, *, at: datetime, even_if_told: bool = False) -> bool:
    """Tell a UTC day's totals where they differ from what was last told; return whether it was told.

    The day is that of posting: it grows until it is over and stays the same after.
    """
    with unit_of_work():
        totals = day_totals(day)
        if not (totals or even_if_told):
            return False
        known = json.dumps(msgspec.to_builtins(totals))
        if not rows(_REMEMBER, {"day": day, "totals": known, "at": at, "even_if_told": even_if_told}):
            return False
        tell([LedgerDayTotals(service="points", totals_id=new_id(), day=day, as_of=at, totals=totals)], at=at)
    return True
