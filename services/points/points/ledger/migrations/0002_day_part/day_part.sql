-- What there was before days were kept is of no day that is compared: it is added up on the first one there is.
INSERT INTO day_part (day, ledger, unit, kind, count, total)
SELECT date '2000-01-01', 'tier_changes', programme_id::text, cause, count(*), 0 FROM tier_change
GROUP BY programme_id, cause
UNION ALL
SELECT date '2000-01-01', 'budgets', budget_id::text, period, count(*), sum(used) FROM budget_period
GROUP BY budget_id, period HAVING sum(used) <> 0;
