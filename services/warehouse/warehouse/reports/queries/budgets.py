"""What the report of budgets reads: totals of their uses (BudgetTotal), whatever number of purchases these are of."""

from uuid import UUID

from warehouse.reports.queries.periods import by_period
from warehouse.reports.rules import Periods
from warehouse.reports.tables import Table

# The budgets' periods of which something was used or given back between the days, each from its own beginning on: what
# was before the days is in bucket 0. Money is what the points are worth, rounded up.
_BURN_DOWN = """
SELECT burnt.bucket, programme.programme_id, programme.name, budget.budget_id, budget.code, budget.name, budget.of,
       budget.per, budget.each, budget.most, touched.period, burnt.used, burnt.returned, burnt.total, spent.total,
       CASE WHEN budget.each IS NULL THEN greatest(0, budget.most - spent.total) END
FROM dim_programme AS programme
CROSS JOIN LATERAL (SELECT * FROM dim_budget WHERE programme_id = programme.programme_id
                      AND (%(budget)s::text IS NULL OR code = %(budget)s::text) OFFSET 0) AS budget
CROSS JOIN LATERAL (SELECT DISTINCT period FROM budget_total WHERE budget_key = budget.budget_key
                      AND slot >= %(since)s AND slot < %(until)s) AS touched
CROSS JOIN LATERAL (
    SELECT bucket, used, returned, sum(used - returned) OVER (ORDER BY bucket) AS total
    FROM (SELECT width_bucket(slot, %(starts)s::timestamptz[]) AS bucket, sum(used) AS used, sum(returned) AS returned
          FROM (SELECT * FROM budget_total WHERE budget_key = budget.budget_key AND period = touched.period
                  AND slot < %(until)s OFFSET 0) AS one
          GROUP BY 1) AS of_bucket) AS burnt
CROSS JOIN LATERAL (
    SELECT CASE WHEN budget.of = 'money' AND budget.value_points IS NOT NULL
                THEN div(burnt.total * budget.value_amount + budget.value_points - 1, budget.value_points)
                ELSE burnt.total END AS total) AS spent
WHERE (%(programme)s::uuid IS NULL OR programme.programme_id = %(programme)s::uuid)
  AND burnt.bucket > 0 AND (burnt.used <> 0 OR burnt.returned <> 0)
ORDER BY burnt.bucket, programme.programme_id, budget.code, budget.budget_id, touched.period
"""


def budget_burn_down(periods: Periods, *, programme: UUID | None = None, budget: str | None = None) -> Table:
    """Sum what was used of each budget's period and given back, by the days on which that was posted.

    `used`, `returned` and `total` (all of the budget's period until then) are points, uses, or money of a
    campaign. `spent` is `total` as `most` counts, and `left` what is left of it, as the budget is now; null of budgets
    that each merchant or member has, of which the sums are of all together.
    """
    columns = (
        "period programme_id programme budget_id code budget of per each most budget_period used returned total spent"
        " left"
    )
    return by_period(_BURN_DOWN, periods, columns, programme=programme, budget=budget)
