"""Members whose periods of tiers are over, and the run that judges them."""

import resource
import time
from typing import Any

from points.tiers.operations import judge_periods
from shared import clock
from shared.db import execute

# Gold members of a rolling window that ended this midnight (UTC): of each two, one has enough to stay and one falls.
_ACCOUNTS = """
INSERT INTO account (programme_id, member_id)
SELECT %(programme)s::uuid, md5(%(programme)s || n)::uuid FROM generate_series(1, %(count)s::int) n
"""
_STANDINGS = """
INSERT INTO member_tier (programme_id, member_id, tier, floor, since, cause, begins, ends, ends_at, counts_from, anchor,
    changes)
SELECT %(programme)s::uuid, md5(%(programme)s || n)::uuid, 'gold', 'gold', %(today)s::timestamptz - interval '30 days',
    'earned', %(day)s::date - 30, %(day)s::date, %(today)s::timestamptz, %(day)s::date - 30, %(day)s::date - 30, 1
FROM generate_series(1, %(count)s::int) n
"""
_CHANGES = """
WITH changed AS (
    INSERT INTO tier_change (programme_id, member_id, number, before, after, changed_at, cause)
    SELECT programme_id, member_id, 1, NULL, 'gold', since, 'earned' FROM member_tier
    WHERE programme_id = %(programme)s::uuid RETURNING programme_id)
INSERT INTO day_part (day, ledger, unit, kind, count, total)
SELECT %(day)s::date - 30, 'tier_changes', programme_id::text, 'earned', count(*), 0 FROM changed GROUP BY programme_id
"""
_PROGRESS = """
INSERT INTO tier_progress (programme_id, member_id, day, amount)
SELECT %(programme)s::uuid, md5(%(programme)s || n)::uuid, %(day)s::date - day, CASE WHEN n %% 2 = 0 THEN 100 ELSE 1 END
FROM generate_series(1, %(count)s::int) n CROSS JOIN generate_series(1, 5) day
"""


def stood(programme: str, count: str) -> dict[str, Any]:
    """Let so many members of a programme stand at the end of their period, each with five days that count for it."""
    day = clock.now().date()
    said = {"programme": programme, "count": int(count), "day": day, "today": f"{day}T00:00:00Z"}
    for statement in (_ACCOUNTS, _STANDINGS, _CHANGES, _PROGRESS):
        execute(statement, said)
    for table in ("account", "member_tier", "tier_change", "tier_progress"):
        execute(f"ANALYZE {table}")
    return {}


def judged() -> dict[str, Any]:
    """Judge all whose periods are over; return how many, how long it takes, and by how many MB the process grows."""
    before, begun = _megabytes(), time.monotonic()
    count = judge_periods(at=clock.now(), batches=1_000_000)
    return {"judged": count, "seconds": time.monotonic() - begun, "megabytes": _megabytes() - before}


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
