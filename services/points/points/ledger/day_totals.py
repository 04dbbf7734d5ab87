"""What was posted on a day, by programme and kind, as it was published.

Running totals hold all that has committed up to a reach in the order of `(xid, id)`, below which nothing can appear any
more (as with seals); what is above it is added up when it is asked for. So a day costs what was posted since the last
time, however much it was before.
"""

from datetime import UTC, date, datetime, time, timedelta

from shared.contracts.totals import Total
from shared.db import rows, unit_of_work

STEP = 20_000
# As messages.outgoing publishes it: the change of what is available or held. A hold moves nothing, its capture
# redeems, its release pays at most what is owed; a reversal is an adjustment, an earning that waits is pending.
_MOVED = """
SELECT (t.posted_at AT TIME ZONE 'UTC')::date AS day, a.programme_id,
    CASE WHEN t.kind = 'reversed' THEN 'adjusted' WHEN t.kind = 'released' THEN 'returned'
         WHEN t.kind = 'earned' AND t.change = 0 AND
             (SELECT true FROM pending_points p WHERE p.id = t.id) THEN 'pending' ELSE t.kind END AS kind,
    1 AS count, CASE t.kind WHEN 'redeemed' THEN -t.points WHEN 'released' THEN t.change - t.points
                            ELSE t.change END AS total
FROM {transactions} t CROSS JOIN LATERAL (SELECT programme_id FROM account WHERE id = t.account_id OFFSET 0) a
WHERE t.kind <> 'held' AND NOT (t.kind = 'released' AND t.change = t.points)
"""
_REACH = """
reach AS (
    SELECT last_xid::text::xid8 AS xid, last_id AS id FROM day_total_reach
    UNION ALL SELECT '0', '00000000-0000-0000-0000-000000000000' WHERE NOT EXISTS (SELECT FROM day_total_reach)
)"""
_ADD = f"""
WITH {_REACH}, next AS MATERIALIZED (
    SELECT t.* FROM reach CROSS JOIN LATERAL (
        SELECT * FROM points_transaction t WHERE (t.xid, t.id) > (reach.xid, reach.id)
            AND t.xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY t.xid, t.id LIMIT %(step)s) t
), added AS (
    INSERT INTO day_total (day, programme_id, kind, count, total)
    SELECT day, programme_id, kind, sum(count), sum(total) FROM ({_MOVED.format(transactions="next")}) moved
    GROUP BY day, programme_id, kind
    ON CONFLICT (day, programme_id, kind) DO UPDATE
    SET count = day_total.count + excluded.count, total = day_total.total + excluded.total
)
INSERT INTO day_total_reach (id_of_one, last_xid, last_id)
SELECT 1, xid::text::bigint, id FROM next ORDER BY xid DESC, id DESC LIMIT 1
ON CONFLICT (id_of_one) DO UPDATE SET last_xid = excluded.last_xid, last_id = excluded.last_id
RETURNING (SELECT count(*) FROM next)
"""
_ABOVE = """(SELECT t.* FROM reach CROSS JOIN LATERAL (
        SELECT * FROM points_transaction t WHERE (t.xid, t.id) > (reach.xid, reach.id)
            AND t.posted_at >= %(since)s AND t.posted_at < %(until)s OFFSET 0) t)"""
_TOTALS = f"""
WITH {_REACH}
SELECT programme_id::text, kind, sum(count)::bigint, sum(total)::bigint FROM (
    SELECT programme_id, kind, count, total FROM day_total WHERE day = %(day)s
    UNION ALL SELECT programme_id, kind, count, total FROM ({_MOVED.format(transactions=_ABOVE)}) moved) both_of_them
GROUP BY 1, 2 ORDER BY 1, 2
"""
_WHOLE = f"""
SELECT programme_id::text, kind, sum(count)::bigint, sum(total)::bigint FROM ({
    _MOVED.format(
        transactions="(SELECT * FROM points_transaction WHERE posted_at >= %(since)s AND posted_at < %(until)s)"
    )
}) moved GROUP BY 1, 2 ORDER BY 1, 2
"""
_IS_YOUNGER = """
SELECT true FROM day_total_reach WHERE last_xid >= pg_snapshot_xmin(pg_current_snapshot())::text::bigint
"""


def add_up(*, steps: int = 40) -> int:
    """Add what has committed since the last time to the running totals; return how many transactions it were.

    Where another process is at it, there is nothing to do.
    """
    added = 0
    for _ in range(steps):
        with unit_of_work():
            if not rows("SELECT pg_try_advisory_xact_lock(hashtext('points.day_totals'))")[0][0]:
                return added
            ((count,),) = rows(_ADD, {"step": STEP}) or [(0,)]
        added += count
        if count < STEP:
            break
    return added


def day_totals(day: date) -> list[Total]:
    """Return what was posted on a UTC day, by programme and kind, as it was published.

    A database that was restored counts its transactions from the start, below the reach: then the day is added up.
    """
    since = datetime.combine(day, time.min, UTC)
    sql = _WHOLE if rows(_IS_YOUNGER) else _TOTALS
    found = rows(sql, {"day": day, "since": since, "until": since + timedelta(days=1)})
    return [
        Total(ledger="points", unit=unit, kind=kind, count=count, total=total) for unit, kind, count, total in found
    ]
