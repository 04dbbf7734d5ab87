"""What the reports of tiers read: totals of changes (MovementTotal), whatever number of members they are of."""

from datetime import datetime
from uuid import UUID

from shared.db import rows
from warehouse.reports.queries.periods import as_of, by_period
from warehouse.reports.rules import Periods
from warehouse.reports.tables import Table

# A change is out of one tier and into another; no tier is an empty text.
_TIERS_OF = """
CROSS JOIN LATERAL (VALUES (split_part(unit, '>', 2), split_part(unit, '>', 1), 1),
                           (split_part(unit, '>', 1), split_part(unit, '>', 2), -1)) AS side (tier, other, sign)
"""
# All that was before an instant: whole months, and quarters of an hour since the last of them.
_BEFORE = """
SELECT unit, count FROM movement_total WHERE ledger = 'tier_months' AND about = programme.programme_key
  AND slot < date_trunc('month', {until}::timestamptz, 'UTC')
UNION ALL
SELECT unit, count FROM movement_total WHERE ledger = 'tiers' AND about = programme.programme_key
  AND slot >= date_trunc('month', {until}::timestamptz, 'UTC') AND slot < {until}::timestamptz
"""
_SINCE = """
SELECT width_bucket(slot, %(starts)s::timestamptz[]) AS bucket, unit, kind, count FROM movement_total
WHERE ledger = 'tiers' AND about = programme.programme_key AND slot >= %(since)s AND slot < %(until)s
"""
# Which way a change went, by the order of the version that decided it. No tier is below all; who began in a lowest tier
# did not rise to it.
_DIRECTED = f"""
SELECT change.*, lower.name AS before_name, upper.name AS after_name,
       CASE WHEN kind = 'began' THEN NULL
            WHEN before = '' OR lower.level < upper.level THEN 'up'
            WHEN after = '' OR lower.level > upper.level THEN 'down' END AS direction
FROM (SELECT bucket, unit, split_part(unit, '>', 1) AS before, split_part(unit, '>', 2) AS after,
             nullif(split_part(unit, '>', 3), '')::integer AS version, kind, sum(count) AS count
      FROM ({_SINCE}) AS since GROUP BY 1, 2, kind) AS change
LEFT JOIN LATERAL (SELECT name, level FROM dim_tier WHERE programme_id = programme.programme_id
    AND version = change.version AND code = change.before OFFSET 0) AS lower ON true
LEFT JOIN LATERAL (SELECT name, level FROM dim_tier WHERE programme_id = programme.programme_id
    AND version = change.version AND code = change.after OFFSET 0) AS upper ON true
"""
_OF_PROGRAMMES = "WHERE (%(programme)s::uuid IS NULL OR programme.programme_id = %(programme)s::uuid)"
_MOVEMENT = f"""
SELECT bucket, programme_id, name, tier, at_end - came + went, joined, came - joined, up, down, went - gone, gone,
       at_end
FROM dim_programme AS programme
CROSS JOIN LATERAL (
    SELECT bucket, tier, came, joined, up, down, went, gone, moved,
           sum(came - went) OVER (PARTITION BY tier ORDER BY bucket) AS at_end
    FROM (SELECT bucket, tier, sum(count) AS moved,
                 coalesce(sum(count) FILTER (WHERE sign > 0), 0) AS came,
                 coalesce(sum(count) FILTER (WHERE sign > 0 AND other = ''), 0) AS joined,
                 coalesce(sum(count) FILTER (WHERE sign > 0 AND other <> '' AND direction = 'up'), 0) AS up,
                 coalesce(sum(count) FILTER (WHERE sign > 0 AND other <> '' AND direction = 'down'), 0) AS down,
                 coalesce(sum(count) FILTER (WHERE sign < 0), 0) AS went,
                 coalesce(sum(count) FILTER (WHERE sign < 0 AND other = ''), 0) AS gone
          FROM (SELECT 0 AS bucket, unit, NULL AS direction, count FROM ({_BEFORE.format(until="%(since)s")}) AS before
                UNION ALL SELECT bucket, unit, direction, count FROM ({_DIRECTED}) AS since) AS change {_TIERS_OF}
          WHERE tier <> '' GROUP BY 1, 2) AS of_tier) AS movement
{_OF_PROGRAMMES} AND bucket > 0 AND moved <> 0
ORDER BY bucket, programme_id, tier
"""
_CHANGES = f"""
SELECT bucket, programme_id, name, nullif(before, ''), before_name, nullif(after, ''), after_name, version, kind,
       direction, count
FROM dim_programme AS programme CROSS JOIN LATERAL ({_DIRECTED}) AS change
{_OF_PROGRAMMES} AND count <> 0
ORDER BY bucket, programme_id, before, after, version, kind
"""
_MEMBERS = f"""
SELECT programme_id, name, tier, members::bigint
FROM dim_programme AS programme
CROSS JOIN LATERAL (SELECT tier, sum(sign * count) AS members
                    FROM ({_BEFORE.format(until="%(until)s")}) AS before {_TIERS_OF}
                    WHERE tier <> '' GROUP BY 1 HAVING sum(sign * count) <> 0) AS standing
{_OF_PROGRAMMES}
ORDER BY programme_id, tier
"""


def tier_movement(periods: Periods, *, programme: UUID | None = None) -> Table:
    """Count who was in each tier when a period began and when it ended, and who came and went between.

    at_start + joined + came − went − left = at_end. Who `joined` was in no tier before, and who `left` is in none.
    Of those who came, `up` rose from a lower tier and `down` fell from a higher one, by the order of the version of the
    programme's tiers that decided it; who came by a version that was not told yet is in neither. Tiers that nobody came
    to or went from have no row.
    """
    columns = "period programme_id programme tier at_start joined came up down went left at_end"
    return by_period(_MOVEMENT, periods, columns, programme=programme)


def tier_changes(periods: Periods, *, programme: UUID | None = None) -> Table:
    """Count changes of tiers by period, from which to which, by the version that decided them, and cause; no tier is
    null.

    The direction is `up` or `down`, also from no tier and to none; null where the version was not told yet. Who changed
    from a lowest tier, in which everybody begins, came to it by the cause `began` at the same instant: that is no rise.
    """
    columns = "period programme_id programme before before_name after after_name version cause direction changes"
    return by_period(_CHANGES, periods, columns, programme=programme)


def tier_members(*, until: datetime, programme: UUID | None = None) -> Table:
    """Count who is in each tier by all changes before an instant at which a quarter of an hour begins.

    Who never changed from a lowest tier in which everybody begins is not counted.
    """
    newest = as_of()
    found = rows(_MEMBERS, {"until": until, "programme": programme})
    return Table(newest, ("programme_id", "programme", "tier", "members"), found)
