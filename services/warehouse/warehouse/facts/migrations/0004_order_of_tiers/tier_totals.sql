-- Replaces keep_tier_totals of 0003_tiers_and_budgets: the unit of a change of tiers ends with the version of the
-- programme's tiers that decided it, which says their order; unknown of what is older than the column.
UPDATE movement_total SET unit = unit || '>' WHERE ledger IN ('tiers', 'tier_months');

-- Totals of changes follow the facts in the same statement, as those of movements do (0001_initial), by quarters of an
-- hour and by months, so that what was before a day is soon added up. The unit is `before>after>version`; no tier is
-- nothing. Whoever left a lowest tier, in which everybody begins, came to it by that change. The argument is the sign.
CREATE OR REPLACE FUNCTION keep_tier_totals() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  sign smallint := TG_ARGV[0];
BEGIN
  INSERT INTO movement_total AS total (ledger, slot, unit, about, kind, part, count, amount)
  SELECT said.ledger, said.slot, moved.unit || '>' || coalesce(version::text, ''), programme_key, moved.kind,
         pg_backend_pid() % 4, sign * count(*), 0
  FROM changed
  CROSS JOIN LATERAL (
      SELECT coalesce(before, '') || '>' || coalesce(after, ''), cause
      UNION ALL SELECT '>' || before, 'began' WHERE number = 1 AND before IS NOT NULL) AS moved (unit, kind)
  CROSS JOIN LATERAL (
      VALUES ('tiers', date_bin('15 minutes', changed_at, timestamptz '2000-01-01 00:00Z')),
             ('tier_months', date_trunc('month', changed_at, 'UTC'))) AS said (ledger, slot)
  GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
  ON CONFLICT (ledger, slot, unit, about, kind, part) DO UPDATE SET count = total.count + excluded.count;
  RETURN NULL;
END $$;
