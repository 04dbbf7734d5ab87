-- Replaces keep_budget_totals of 0003_tiers_and_budgets: it counts the uses, too. The argument is the sign.
CREATE OR REPLACE FUNCTION keep_budget_totals() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  sign smallint := TG_ARGV[0];
BEGIN
  INSERT INTO budget_total AS total (budget_key, period, slot, part, used, returned, count)
  SELECT budget_key, period, date_bin('15 minutes', posted_at, timestamptz '2000-01-01 00:00Z'), pg_backend_pid() % 4,
         sign * sum(greatest(change, 0)), sign * sum(greatest(-change, 0)), sign * count(*) FILTER (WHERE change <> 0)
  FROM changed GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
  ON CONFLICT (budget_key, period, slot, part) DO UPDATE
  SET used = total.used + excluded.used, returned = total.returned + excluded.returned,
      count = total.count + excluded.count;
  RETURN NULL;
END $$;
