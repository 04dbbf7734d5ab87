"""What other modules keep of a day beside the ledger: changes of tiers, and what was used of budgets.

Whoever writes these adds a part for the day in the same statement, a row of its own, so that no writer waits for
another. Parts that are committed are folded into one, so that a day costs what was written since the last time.
"""

from datetime import date

from shared.contracts.totals import Total
from shared.db import execute, rows, unit_of_work

_FOLD = """
WITH found AS (
    SELECT ledger, unit, kind FROM day_part WHERE day = %(day)s GROUP BY 1, 2, 3 HAVING count(*) > 1),
gone AS (
    DELETE FROM day_part p USING found WHERE p.day = %(day)s
        AND (p.ledger, p.unit, p.kind) = (found.ledger, found.unit, found.kind) RETURNING p.*)
INSERT INTO day_part (day, ledger, unit, kind, count, total)
SELECT day, ledger, unit, kind, sum(count), sum(total) FROM gone GROUP BY day, ledger, unit, kind
"""
_OF_DAY = """
SELECT ledger, unit, kind, sum(count)::bigint, sum(total)::bigint FROM day_part WHERE day = %s
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


def fold(day: date) -> None:
    """Fold the parts of a UTC day into one for each kind. Where another process is at it, there is nothing to do."""
    with unit_of_work():
        if rows("SELECT pg_try_advisory_xact_lock(hashtext('points.day_parts'))")[0][0]:
            execute(_FOLD, {"day": day})


def parts_of(day: date) -> list[Total]:
    """Return what other modules keep of a UTC day, as it was published."""
    return [
        Total(ledger=ledger, unit=unit, kind=kind, count=count, total=total)
        for ledger, unit, kind, count, total in rows(_OF_DAY, [day])
    ]
