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
_OF_PROGRAMMES = "WHERE (%(programme)s::uuid IS NULL OR programme.programme_id = %(programme)s::uuid)"
_MOVEMENT = f"""
SELECT bucket, programme_id, name, tier, at_end - came + went, joined, came - joined, went - gone, gone, at_end
FROM dim_programme AS programme
CROSS JOIN LATERAL (
    SELECT bucket, tier, came, joined, went, gone, moved,
           sum(came - went) OVER (PARTITION BY tier ORDER BY bucket) AS at_end
    FROM (SELECT bucket, tier, sum(count) AS moved,
                 coalesce(sum(count) FILTER (WHERE sign > 0), 0) AS came,
                 coalesce(sum(count) FILTER (WHERE sign > 0 AND other = ''), 0) AS joined,
                 coalesce(sum(count) FILTER (WHERE sign < 0), 0) AS went,
                 coalesce(sum(count) FILTER (WHERE sign < 0 AND other = ''), 0) AS gone
          FROM (SELECT 0 AS bucket, unit, count FROM ({_BEFORE.format(until="%(since)s")}) AS before
                UNION ALL SELECT bucket, unit, count FROM ({_SINCE}) AS since) AS change {_TIERS_OF}
          WHERE tier <> '' GROUP BY 1, 2) AS of_tier) AS movement
{_OF_PROGRAMMES} AND bucket > 0 AND moved <> 0
ORDER BY bucket, programme_id, tier
"""
_CHANGES = f"""
SELECT bucket, programme_id, name, nullif(split_part(unit, '>', 1), ''), nullif(split_part(unit, '>', 2), ''), kind,
       changes
FROM dim_programme AS programme
CROSS JOIN LATERAL (SELECT bucket, unit, kind, sum(count) AS changes FROM ({_SINCE}) AS since
                    GROUP BY 1, 2, 3 HAVING sum(count) <> 0) AS change
{_OF_PROGRAMMES}
ORDER BY bucket, programme_id, unit, kind
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
    Tiers that nobody came to or went from have no row.
    """
    columns = "period programme_id programme tier at_start joined came went left at_end"
    return by_period(_MOVEMENT, periods, columns, programme=programme)


def tier_changes(periods: Periods, *, programme: UUID | None = None) -> Table:
    """Count changes of tiers by period, from which to which, and cause; no tier is null.

    Who changed from a lowest tier, in which everybody begins, came to it by the cause `began` at the same instant.
    """
    return by_period(_CHANGES, periods, "period programme_id programme before after cause changes", programme=programme)


def tier_members(*, until: datetime, programme: UUID | None = None) -> Table:
    """Count who is in each tier by all changes before an instant at which a quarter of an hour begins.

    Who never changed from a lowest tier in which everybody begins is not counted.
    """
    newest = as_of()
    found = rows(_MEMBERS, {"until": until, "programme": programme})
    return Table(newest, ("programme_id", "programme", "tier", "members"), found)
