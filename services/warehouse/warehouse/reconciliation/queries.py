"""What reconciliation reads: the services' totals, our sums beside them, and the verdicts."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from shared.db import rows
from warehouse.reconciliation.rules import BY_RULES, DIFFERENT, Movement, Ours, Sum

_THEIRS = """
SELECT published.day, total.ledger, total.unit, total.kind, sum(total.count)::bigint, sum(total.total)::bigint
FROM ledger_day AS published
CROSS JOIN LATERAL jsonb_to_recordset(published.totals) AS total (
    ledger text, unit text, kind text, count bigint, total bigint)
WHERE published.day = ANY(%(days)s)
GROUP BY 1, 2, 3, 4
"""
# The whole day is in its totals: of each programme and budget, and of all merchants together (about 0). On the day on
# which a service counted, what came after is not in its count: that is little, because it counts every few seconds, and
# is taken off fact by fact.
_OURS = """
WITH day AS (
    SELECT day, service, day::timestamp AT TIME ZONE 'UTC' AS since, (day + 1)::timestamp AT TIME ZONE 'UTC' AS until,
           CASE WHEN (as_of AT TIME ZONE 'UTC')::date = day THEN as_of ELSE 'infinity' END AS counted_until
    FROM unnest(%(days)s::date[]) AS day
    CROSS JOIN (VALUES ('points'), ('payments')) AS known (service)
    LEFT JOIN ledger_day USING (service, day)),
movement (day, ledger, unit, about, kind, count, amount, since_count, since_amount) AS (
    SELECT day, ledger, unit, about, kind, total.count, amount, 0, 0
    FROM day
    JOIN (VALUES ('points', 'points'), ('points', 'tier_changes'), ('payments', 'payments'), ('payments', 'wallets'))
        AS of (service, ledger) USING (service)
    CROSS JOIN LATERAL (SELECT 0::bigint WHERE service <> 'points'
        UNION ALL SELECT programme_key FROM dim_programme WHERE service = 'points') AS one (about)
    CROSS JOIN LATERAL (SELECT unit, kind, count, amount FROM movement_total AS total WHERE total.ledger = of.ledger
        AND total.about = one.about AND slot >= since AND slot < until OFFSET 0) AS total
    WHERE ledger <> 'payments' OR kind IN ('captured', 'refunded')
    UNION ALL
    SELECT day, 'budgets', budget_id::text, 0, period, count, used - returned, 0, 0 FROM day
    CROSS JOIN dim_budget AS budget
    CROSS JOIN LATERAL (SELECT period, count, used, returned FROM budget_total AS total
        WHERE total.budget_key = budget.budget_key AND slot >= since AND slot < until OFFSET 0) AS total
    WHERE service = 'points'
    UNION ALL
    SELECT day, 'tier_changes', '', programme_key, cause, 0, 0, 1,
           tier_change_digest(member_id, number, before, after, changed_at) FROM day CROSS JOIN LATERAL (
        SELECT * FROM fact_tier_change WHERE posted_at > counted_until AND posted_at < until OFFSET 0) AS fact
    WHERE service = 'points'
    UNION ALL
    SELECT day, 'budgets', budget_id::text, 0, period, 0, 0, (change <> 0)::integer, change
    FROM day CROSS JOIN LATERAL (
        SELECT * FROM fact_budget_use WHERE posted_at > counted_until AND posted_at < until OFFSET 0) AS fact
    CROSS JOIN LATERAL (SELECT budget_id FROM dim_budget WHERE budget_key = fact.budget_key OFFSET 0) AS budget
    WHERE service = 'points'
    UNION ALL
    SELECT day, 'points', '', programme_key, kind, 0, 0, 1, change FROM day CROSS JOIN LATERAL (
        SELECT * FROM fact_points_entry WHERE posted_at > counted_until AND posted_at < until OFFSET 0) AS fact
    WHERE service = 'points'
    UNION ALL
    SELECT day, 'payments', currency, 0, kind, 0, 0, 1, amount FROM day CROSS JOIN LATERAL (
        SELECT * FROM fact_payment_event WHERE event_at > counted_until AND event_at < until OFFSET 0) AS fact
    WHERE service = 'payments' AND kind IN ('captured', 'refunded')
    UNION ALL
    SELECT day, 'wallets', currency, 0, kind, 0, 0, 1, amount FROM day CROSS JOIN LATERAL (
        SELECT * FROM fact_wallet_entry WHERE posted_at > counted_until AND posted_at < until OFFSET 0) AS fact
    WHERE service = 'payments')
SELECT day, ledger, coalesce(programme_id::text, unit) AS named, kind,
       (sum(count) - sum(since_count))::bigint, (sum(amount) - sum(since_amount))::bigint,
       sum(count)::bigint, sum(amount)::bigint
FROM movement LEFT JOIN dim_programme ON ledger IN ('points', 'tier_changes') AND programme_key = about
GROUP BY 1, 2, 3, 4 HAVING sum(count) <> 0
"""
# What facts by rule come to in each programme, and what the entries say that they should.
_BY_RULES = """
SELECT day, programme_id::text, kind,
       coalesce(sum(count) FILTER (WHERE ledger = 'programme_rules'), 0)::bigint,
       coalesce(sum(amount) FILTER (WHERE ledger = 'programme_rules'), 0)::bigint,
       coalesce(sum(count) FILTER (WHERE ledger = 'entry_rules'), 0)::bigint,
       coalesce(sum(amount) FILTER (WHERE ledger = 'entry_rules'), 0)::bigint
FROM unnest(%(days)s::date[]) AS day CROSS JOIN dim_programme
CROSS JOIN (VALUES ('programme_rules'), ('entry_rules')) AS of (ledger)
CROSS JOIN LATERAL (
    SELECT kind, count, amount FROM movement_total AS total
    WHERE total.ledger = of.ledger AND total.about = programme_key AND slot >= day::timestamp AT TIME ZONE 'UTC'
      AND slot < (day + 1)::timestamp AT TIME ZONE 'UTC' OFFSET 0) AS total
GROUP BY 1, 2, 3 HAVING sum(count) <> 0
"""
_OPEN = """
SELECT day FROM comparison WHERE status <> 'matched'
UNION SELECT unnest(ARRAY[%(since)s::date, %(until)s::date])
"""
# Along the index of what does not match.
_DIFFERING = """
SELECT day, ledger, unit, kind FROM comparison WHERE status <> 'matched' AND status = %s
ORDER BY day, ledger, unit, kind LIMIT 100
"""
_DAYS_WITH_TOTALS = "SELECT DISTINCT day FROM ledger_day WHERE day BETWEEN %s AND %s"
_VERDICTS = """
SELECT day, ledger, unit, kind, status, ours_count, theirs_count, ours_count - theirs_count,
       ours_total, theirs_total, ours_total - theirs_total, totals_as_of,
       greatest(0, extract(epoch FROM %(at)s - status_since))::bigint
FROM comparison
WHERE day BETWEEN %(first)s AND %(last)s AND (%(status)s::text IS NULL OR status = %(status)s)
  AND (%(ledger)s::text IS NULL OR ledger = %(ledger)s)
ORDER BY day DESC, ledger, unit, kind
"""


def theirs(days: Sequence[date]) -> dict[Movement, Sum]:
    """Return what the services counted on these days."""
    found = rows(_THEIRS, {"days": list(days)})
    return {Movement(day, ledger, unit, kind): Sum(count, total) for day, ledger, unit, kind, count, total in found}


def counted(days: Sequence[date]) -> dict[tuple[str, date], datetime]:
    """Return when each service counted each of these days."""
    found = rows("SELECT service, day, as_of FROM ledger_day WHERE day = ANY(%s)", [list(days)])
    return {(service, day): as_of for service, day, as_of in found}


def ours(days: Sequence[date]) -> dict[Movement, Ours]:
    """Return what our facts sum up to on these days: until the service counted, and altogether."""
    found = rows(_OURS, {"days": list(days)})
    return {
        Movement(*named): Ours(Sum(counted_count, counted_total), Sum(count, total))
        for *named, counted_count, counted_total, count, total in found
    }


def by_rules(days: Sequence[date]) -> dict[Movement, tuple[Sum, Sum]]:
    """Return what our facts by rule come to on these days, and what our entries of points say of them."""
    return {
        Movement(day, BY_RULES, programme, kind): (Sum(count, points), Sum(rules, points_of_entries))
        for day, programme, kind, count, points, rules, points_of_entries in rows(_BY_RULES, {"days": list(days)})
    }


def open_days(*, at: datetime) -> list[date]:
    """Return the days that do not match yet, and today and yesterday."""
    today = at.date()
    return sorted(day for (day,) in rows(_OPEN, {"since": today - timedelta(days=1), "until": today}))


def differing() -> list[Movement]:
    """Return what differs from a service's own count, the oldest days first, a hundred at most."""
    return [Movement(*row) for row in rows(_DIFFERING, [DIFFERENT])]


def counted_days(first: date, last: date) -> list[date]:
    """Return the days of a range that some service has counted."""
    return sorted(day for (day,) in rows(_DAYS_WITH_TOTALS, [first, last]))


def verdicts(
    *, first: date, last: date, at: datetime, status: str | None = None, ledger: str | None = None
) -> Sequence[Sequence[Any]]:
    """Return the latest comparison of each movement of a range, newest day first; last the status's age in seconds."""
    return rows(_VERDICTS, {"first": first, "last": last, "at": at, "status": status, "ledger": ledger})
