"""What was captured, refunded and moved in wallets on a UTC day, counted at one instant, from the ledger.

Running totals hold all that has committed up to a reach in the order of `(xid, id)`, below which nothing can appear any
more; what is above it is added up when it is asked for. So a day costs what was posted since the last time.
"""

from datetime import UTC, date, datetime, time, timedelta

from shared.contracts.totals import Total
from shared.db import rows, unit_of_work

STEP = 20_000
# A payment is posted to its merchant once and in full, and so is a refund (books.proofs).
_MOVED = """
SELECT (t.posted_at AT TIME ZONE 'UTC')::date AS day, a.currency AS unit, 1 AS count,
    CASE a.kind WHEN 'wallet' THEN 'wallets' ELSE 'payments' END AS ledger,
    CASE WHEN a.kind = 'wallet' THEN t.kind WHEN t.kind = 'payment' THEN 'captured' ELSE 'refunded' END AS kind,
    CASE WHEN a.kind = 'wallet' THEN e.amount ELSE abs(e.amount) END AS total
FROM {transactions} t
CROSS JOIN LATERAL (SELECT account_id, amount FROM entry WHERE transaction_id = t.id OFFSET 0) e
CROSS JOIN LATERAL (SELECT kind, currency FROM account WHERE id = e.account_id OFFSET 0) a
WHERE a.kind IN ('wallet', 'merchant_pending')
"""
_REACH = """
reach AS (
    SELECT last_xid::text::xid8 AS xid, last_id AS id FROM day_total_reach
    UNION ALL SELECT '0', '00000000-0000-0000-0000-000000000000' WHERE NOT EXISTS (SELECT FROM day_total_reach)
)"""
_ADD = f"""
WITH {_REACH}, next AS MATERIALIZED (
    SELECT t.* FROM reach CROSS JOIN LATERAL (
        SELECT * FROM ledger_transaction t WHERE (t.xid, t.id) > (reach.xid, reach.id)
            AND t.xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY t.xid, t.id LIMIT %(step)s) t
), added AS (
    INSERT INTO day_total (day, ledger, unit, kind, count, total)
    SELECT day, ledger, unit, kind, sum(count), sum(total) FROM ({_MOVED.format(transactions="next")}) moved
    GROUP BY day, ledger, unit, kind
    ON CONFLICT (day, ledger, unit, kind) DO UPDATE
    SET count = day_total.count + excluded.count, total = day_total.total + excluded.total
)
INSERT INTO day_total_reach (id_of_one, last_xid, last_id)
SELECT 1, xid::text::bigint, id FROM next ORDER BY xid DESC, id DESC LIMIT 1
ON CONFLICT (id_of_one) DO UPDATE SET last_xid = excluded.last_xid, last_id = excluded.last_id
RETURNING (SELECT count(*) FROM next)
"""
# By the reach and then by the day (OFFSET 0), or what is there of the day would be read by its index.
_ABOVE = """(SELECT t.* FROM reach CROSS JOIN LATERAL (
        SELECT * FROM ledger_transaction t WHERE (t.xid, t.id) > (reach.xid, reach.id) OFFSET 0) t
        WHERE t.posted_at >= %(since)s AND t.posted_at < %(until)s)"""
_OF_DAY = "(SELECT * FROM ledger_transaction WHERE posted_at >= %(since)s AND posted_at < %(until)s)"
_SUMS = """
SELECT ledger, unit, kind, sum(count)::bigint, sum(total)::bigint FROM ({moved}) both_of_them
GROUP BY ledger, unit, kind ORDER BY ledger, unit, kind
"""
_ADDED = "SELECT day, unit, count, ledger, kind, total FROM day_total WHERE day = %(day)s"
_TOTALS = f"WITH {_REACH}" + _SUMS.format(moved=f"{_ADDED} UNION ALL {_MOVED.format(transactions=_ABOVE)}")
_WHOLE = _SUMS.format(moved=_MOVED.format(transactions=_OF_DAY))
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
            if not rows("SELECT pg_try_advisory_xact_lock(hashtext('payments.day_totals'))")[0][0]:
                return added
            ((count,),) = rows(_ADD, {"step": STEP}) or [(0,)]
        added += count
        if count < STEP:
            break
    return added


def day_totals(day: date) -> list[Total]:
    """Return what was captured, refunded and moved in wallets on a UTC day.

    A database that was restored counts its transactions from the start, below the reach: then the day is added up.
    """
    since = datetime.combine(day, time(), UTC)
    sql = _WHOLE if rows(_IS_YOUNGER) else _TOTALS
    found = rows(sql, {"day": day, "since": since, "until": since + timedelta(days=1)})
    names = ("ledger", "unit", "kind", "count", "total")
    return [Total(**dict(zip(names, row, strict=True))) for row in found]
