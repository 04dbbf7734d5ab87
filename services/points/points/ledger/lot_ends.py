"""How many points end when, of whole programmes: totals by quarters of an hour, counted after the postings.

`lot_end` says what of each open lot is counted, and `lot_end_total` what that comes to. A job goes along the
transactions in the order of `(xid, id)`, as `day_totals` does, and counts each lot that one touched as it is by now, in
place of what was counted of it: how often a lot is looked at, and in which order, makes no difference. What is above
the reach is looked at when the totals are asked for. Nothing is written with a posting, and a forecast costs what was
posted since the last count, however many lots there are.
"""

from datetime import datetime
from uuid import UUID

from shared.db import Row, execute, rows, unit_of_work, whole_tables

STEP = 20_000
_QUARTER = "interval '15 minutes'"
# The end of the quarter in which a lot ends; each day of each zone begins with one. A lot that ends with it is in it.
SLOT = f"date_bin({_QUARTER}, l.expires_at - interval '1 microsecond', timestamptz 'epoch') + {_QUARTER}"
# Looked up by its key; of `is_open` a plan might take an index of open lots.
_LOT = f"""(
    SELECT a.programme_id, {SLOT} AS slot, l.expires_on AS day, l.remaining AS points, l.expires_at FROM lot l
    CROSS JOIN LATERAL (SELECT programme_id FROM account a WHERE a.id = l.account_id OFFSET 0) a
    WHERE l.id = touched.id AND l.remaining > 0 OFFSET 0)"""
_COUNTED = "(SELECT * FROM lot_end c WHERE c.lot_id = touched.id OFFSET 0)"
# The lots that a transaction opened, took from, gave back to or gave a later end.
_TOUCHED = """
SELECT lot.id FROM {transactions} t CROSS JOIN LATERAL (
    SELECT t.id UNION ALL SELECT o.id FROM lot o WHERE o.opened_by_id = t.id
    UNION ALL SELECT x.lot_id FROM allocation x WHERE x.transaction_id = t.id
    UNION ALL SELECT e.lot_id FROM lot_extension e WHERE e.transaction_id = t.id) AS lot (id)"""
# A database that was restored counts its transactions from the start: those that it had seem to come yet, and are
# counted again as they come, which changes nothing.
_ABOVE = """
SELECT t.xid, t.id FROM lot_end_reach CROSS JOIN LATERAL (
    SELECT t.xid, t.id FROM points_transaction t
    WHERE (t.xid, t.id) > (lot_end_reach.last_xid::text::xid8, lot_end_reach.last_id) AND t.xid < {before}
    ORDER BY t.xid, t.id {limit}) t"""
_COUNT = f"""
WITH next AS MATERIALIZED ({
    _ABOVE.format(before="pg_snapshot_xmin(pg_current_snapshot())", limit="LIMIT %(step)s")
}), touched AS MATERIALIZED (SELECT DISTINCT id FROM ({_TOUCHED.format(transactions="next")}) lots
), present AS MATERIALIZED (SELECT touched.id, l.* FROM touched LEFT JOIN LATERAL {_LOT} l ON true
), past AS MATERIALIZED (SELECT c.* FROM touched CROSS JOIN LATERAL {_COUNTED} c
), gone AS (DELETE FROM lot_end USING present WHERE lot_id = ANY (ARRAY[present.id]) AND present.points IS NULL
), kept AS (
    INSERT INTO lot_end (lot_id, programme_id, slot, day, points)
    SELECT id, programme_id, slot, day, points FROM present WHERE points IS NOT NULL
    ON CONFLICT (lot_id) DO UPDATE SET slot = excluded.slot, day = excluded.day, points = excluded.points
), counted AS (
    INSERT INTO lot_end_total (programme_id, slot, day, points, lots)
    SELECT programme_id, slot, day, sum(points), sum(lots) FROM (
        SELECT programme_id, slot, day, points, 1 AS lots FROM present WHERE points IS NOT NULL
        UNION ALL SELECT programme_id, slot, day, -points, -1 FROM past) changes
    GROUP BY programme_id, slot, day HAVING sum(points) <> 0 OR sum(lots) <> 0
    ON CONFLICT (programme_id, slot, day) DO UPDATE
    SET points = lot_end_total.points + excluded.points, lots = lot_end_total.lots + excluded.lots
)
UPDATE lot_end_reach SET last_xid = last.xid::text::bigint, last_id = last.id
FROM (SELECT xid, id FROM next ORDER BY xid DESC, id DESC LIMIT 1) last RETURNING (SELECT count(*) FROM next)
"""
# What commits after the reach was taken and before the lots are read is counted, and looked at again.
_BEGIN = (
    "DELETE FROM lot_end; DELETE FROM lot_end_total; DELETE FROM lot_end_reach;"
    " INSERT INTO lot_end_reach (id_of_one, last_xid, last_id)"
    " SELECT 1, pg_snapshot_xmin(pg_current_snapshot())::text::bigint, '00000000-0000-0000-0000-000000000000'"
)
_ALL = (
    f"""INSERT INTO lot_end (lot_id, programme_id, slot, day, points)
    SELECT l.id, a.programme_id, {SLOT}, l.expires_on, l.remaining FROM lot l JOIN account a ON a.id = l.account_id
    WHERE l.is_open""",
    """INSERT INTO lot_end_total (programme_id, slot, day, points, lots)
    SELECT programme_id, slot, day, sum(points), count(*) FROM lot_end GROUP BY programme_id, slot, day""",
)
# SQL that tells whether the totals are there, and of this database's count of transactions.
IS_BEGUN = "EXISTS (SELECT FROM lot_end_reach WHERE last_xid <= pg_snapshot_xmin(pg_current_snapshot())::text::bigint)"
# What has ended since the quarter began is in that quarter's total.
_ENDINGS = f"""
WITH above AS MATERIALIZED ({_ABOVE.format(before="pg_snapshot_xmax(pg_current_snapshot())", limit="OFFSET 0")}
), touched AS MATERIALIZED (
    {_TOUCHED.format(transactions="above")} UNION SELECT l.id FROM lot l WHERE l.is_open AND l.expires_at <= %(at)s
    AND l.expires_at > date_bin({_QUARTER}, %(at)s, timestamptz 'epoch')
)
SELECT slot, day, points, lots FROM lot_end_total WHERE programme_id = %(programme)s AND slot > %(at)s
UNION ALL SELECT slot, day, points, lots FROM lot_end_total WHERE programme_id = %(programme)s AND slot IS NULL
UNION ALL SELECT c.slot, c.day, -c.points, -1 FROM touched CROSS JOIN LATERAL {_COUNTED} c
WHERE c.programme_id = %(programme)s AND (c.slot > %(at)s OR c.slot IS NULL)
UNION ALL SELECT l.slot, l.day, l.points, 1 FROM touched CROSS JOIN LATERAL {_LOT} l
WHERE l.programme_id = %(programme)s AND (l.expires_at > %(at)s OR l.expires_at IS NULL)
"""
_BY_MONTH = f"""
SELECT date_trunc('month', greatest(
        coalesce(day, ((slot - interval '1 microsecond') AT TIME ZONE %(timezone)s)::date),
        CASE WHEN slot IS NOT NULL THEN (%(at)s AT TIME ZONE %(timezone)s)::date END))::date AS month,
    sum(points)::bigint, sum(lots)::bigint FROM ({_ENDINGS}) endings GROUP BY month
"""


def count(*, steps: int = 40) -> int:
    """Count what has committed since the last time; return how many transactions it were.

    The first time, and in a database that was restored, all open lots are counted, in one transaction. Where another
    process is at it, there is nothing to do.
    """
    counted = 0
    for _ in range(steps):
        with unit_of_work():
            if not rows("SELECT pg_try_advisory_xact_lock(hashtext('points.lot_ends'))")[0][0]:
                return counted
            if not is_begun():
                _count_all()
            ((done,),) = rows(_COUNT, {"step": STEP}) or [(0,)]
        counted += done
        if done < STEP:
            break
    return counted


def is_begun() -> bool:
    """Tell whether the totals are there, and of this database's count of transactions."""
    ((begun,),) = rows(f"SELECT {IS_BEGUN}")
    return bool(begun)


def endings(programme_id: UUID, *, timezone: str, at: datetime) -> list[Row]:
    """Return the points and lots that end in each month of a zone, by its first day; in none, those that never do.

    Points are in the month of the last day as members are told it, or in this one where that has passed.
    """
    return rows(_BY_MONTH, {"programme": programme_id, "timezone": timezone, "at": at})


def _count_all() -> None:
    execute(_BEGIN)
    with whole_tables():
        for statement in _ALL:
            execute(statement)
