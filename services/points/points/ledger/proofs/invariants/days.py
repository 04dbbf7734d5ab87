"""What is kept of days for the warehouse, beside the ledger: it comes to what there is."""

DAYS = {
    "changes of tiers are counted for their days": """
        SELECT NULL::bigint AS account_id, changed.*, kept.* FROM (
            SELECT programme_id::text AS unit, cause, count(*) AS changes FROM tier_change GROUP BY 1, 2) changed
        FULL JOIN (
            SELECT unit, kind, sum(count) AS counted FROM day_part WHERE ledger = 'tier_changes' GROUP BY 1, 2) kept
            ON (kept.unit, kept.kind) = (changed.unit, changed.cause)
        WHERE changes IS DISTINCT FROM counted""",
    "what was used of budgets is what their days come to": """
        SELECT NULL::bigint AS account_id, known.*, kept.* FROM (
            SELECT budget_id::text AS unit, period, sum(used) AS used FROM budget_period GROUP BY 1, 2) known
        FULL JOIN (
            SELECT unit, kind, sum(total) AS counted FROM day_part WHERE ledger = 'budgets' GROUP BY 1, 2) kept
            ON (kept.unit, kept.kind) = (known.unit, known.period)
        WHERE coalesce(used, 0) <> coalesce(counted, 0)""",
}
