"""The rows that count what was used of budgets, and what of it was on each day (`ledger.day_parts`).

Whoever judges locks them first, before any account, so that the last point of a budget is one purchase's. Whoever takes
back does so too, so that neither waits for the other in a ring.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from points.earning.rules import Place
from shared.db import Prepared, array, execute, rows, text_array

_SAID = """unnest(%(budgets)s::uuid[], %(periods)s::text[], %(each)s::text[]) AS said (budget_id, period, each)"""
# In their order, so that two lists wait for each other and never in a ring.
_KNOW = f"""
INSERT INTO budget_period (budget_id, period, each, used) SELECT budget_id, period, each, 0 FROM {_SAID}
ORDER BY budget_id, period, each ON CONFLICT DO NOTHING
"""
_OF_BUDGETS = "JOIN budget b ON b.id = p.budget_id AND b.ended_at IS NULL"
_LOCK = f"""
SELECT p.budget_id, p.period, p.each, b.units - p.used
FROM (SELECT * FROM {_SAID} ORDER BY budget_id, period, each) said
CROSS JOIN LATERAL (SELECT * FROM budget_period p
    WHERE p.budget_id = said.budget_id AND p.period = said.period AND p.each = said.each FOR NO KEY UPDATE) p
{_OF_BUDGETS}
"""
_LOCK_AND_READ = Prepared("budget_lock", _KNOW, _LOCK)
_READ = f"""
SELECT said.budget_id, said.period, said.each, b.units - coalesce(p.used, 0)
FROM {_SAID} JOIN budget b ON b.id = said.budget_id AND b.ended_at IS NULL
LEFT JOIN LATERAL (SELECT * FROM budget_period p
    WHERE p.budget_id = said.budget_id AND p.period = said.period AND p.each = said.each OFFSET 0) p ON true
"""
# The rows are locked: what is read of them here is what is changed.
_SPEND = Prepared(
    "budget_spend",
    """
WITH before AS (
    SELECT p.budget_id, p.period, p.each, p.used + said.count AS used, p.alerted_at,
        p.alerted_at IS NULL AND (p.used + said.count) * 100 >= b.units * b.alert_percent AS is_reached,
        b.programme_id, b.code, b.name, b.of, b.most, b.units, b.value_points, b.value_amount, b.alert_percent,
        said.count
    FROM unnest(%(budgets)s::uuid[], %(periods)s::text[], %(each)s::text[], %(counts)s::bigint[])
        AS said (budget_id, period, each, count)
    CROSS JOIN LATERAL (SELECT * FROM budget_period p
        WHERE p.budget_id = said.budget_id AND p.period = said.period AND p.each = said.each OFFSET 0) p
    JOIN budget b ON b.id = p.budget_id),
changed AS (
    UPDATE budget_period p SET used = before.used,
        alerted_at = CASE WHEN before.is_reached THEN %(at)s::timestamptz ELSE p.alerted_at END
    FROM before WHERE p.budget_id = before.budget_id AND p.period = before.period AND p.each = before.each),
kept AS (
    INSERT INTO day_part (day, ledger, unit, kind, count, total)
    SELECT (%(at)s::timestamptz AT TIME ZONE 'UTC')::date, 'budgets', budget_id::text, period, count(*), sum(count)
    FROM before WHERE count <> 0 GROUP BY budget_id, period)
SELECT programme_id, budget_id, code, name, of, most, period, each, used, alert_percent, value_points, value_amount
FROM before WHERE is_reached ORDER BY budget_id, period, each
""",
)
_GIVE_BACK = Prepared(
    "budget_give_back",
    """
WITH given AS (
    UPDATE budget_period p SET used = p.used - said.count
    FROM unnest(%(budgets)s::uuid[], %(periods)s::text[], %(each)s::text[], %(counts)s::bigint[])
        AS said (budget_id, period, each, count)
    WHERE p.budget_id = said.budget_id AND p.period = said.period AND p.each = said.each
    RETURNING p.budget_id, p.period, said.count)
INSERT INTO day_part (day, ledger, unit, kind, count, total)
SELECT (%(at)s::timestamptz AT TIME ZONE 'UTC')::date, 'budgets', budget_id::text, period, count(*), -sum(count)
FROM given WHERE count <> 0 GROUP BY budget_id, period
""",
)


class Reached(NamedTuple):
    """A budget that came to its percentage in a period, with what was used by then in its units."""

    programme_id: UUID
    budget_id: UUID
    code: str
    name: str
    of: str
    most: int
    period: str
    each: str
    used: int
    alert_percent: int
    value_points: int | None
    value_amount: int | None


def lock_and_read(places: Collection[Place]) -> dict[Place, int]:
    """Lock where budgets count until the transaction ends, one place at least; return what is left of each.

    A budget that has ended is not in it.
    """
    return {Place(*place): left for *place, left in _LOCK_AND_READ.rows(_columns(sorted(places)))}


def read(places: Collection[Place]) -> dict[Place, int]:
    """Return what is left of budgets; nothing is locked."""
    return {Place(*place): left for *place, left in rows(_READ, _columns(sorted(places)))}


def spend(used: Mapping[Place, int], *, at: datetime) -> list[Reached]:
    """Count what was used of places that are locked; return the budgets that came to their percentage by it."""
    return [Reached(*row) for row in _SPEND.rows({**_columns(used), "counts": array(list(used.values())), "at": at})]


def give_back(used: Mapping[Place, int], *, at: datetime) -> None:
    """Count no more what was used of places that are locked, with the next statement or the commit."""
    _GIVE_BACK.later({**_columns(used), "counts": array(list(used.values())), "at": at})


def limit_campaign(programme_id: UUID, campaign_id: UUID) -> bool:
    """Let a campaign of a programme ask for its budgets; tell whether there is one."""
    said = [campaign_id, programme_id]
    return bool(execute("UPDATE voucher_campaign SET has_budgets = true WHERE id = %s AND programme_id = %s", said))


def _columns(places: Collection[Place]) -> dict[str, Any]:
    return {
        "budgets": array([place.budget_id for place in places]),
        "periods": text_array([place.period for place in places]),
        "each": text_array([place.each for place in places]),
    }
