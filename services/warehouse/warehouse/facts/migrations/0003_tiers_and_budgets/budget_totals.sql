-- What was used of budgets and given back, by quarters of an hour, follows the facts in the same statement, as totals of
-- movements do (0001_initial). The argument is the sign.
CREATE FUNCTION keep_budget_totals() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  sign smallint := TG_ARGV[0];
BEGIN
  INSERT INTO budget_total AS total (budget_key, period, slot, part, used, returned)
  SELECT budget_key, period, date_bin('15 minutes', posted_at, timestamptz '2000-01-01 00:00Z'), pg_backend_pid() % 4,
         sign * sum(greatest(change, 0)), sign * sum(greatest(-change, 0))
  FROM changed GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
  ON CONFLICT (budget_key, period, slot, part) DO UPDATE
  SET used = total.used + excluded.used, returned = total.returned + excluded.returned;
  RETURN NULL;
END $$;

CREATE TRIGGER fact_budget_use_totals_INSERT_NEW AFTER INSERT ON fact_budget_use REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION keep_budget_totals('1');
CREATE TRIGGER fact_budget_use_totals_UPDATE_NEW AFTER UPDATE ON fact_budget_use REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION keep_budget_totals('1');
CREATE TRIGGER fact_budget_use_totals_UPDATE_OLD AFTER UPDATE ON fact_budget_use REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION keep_budget_totals('-1');
CREATE TRIGGER fact_budget_use_totals_DELETE_OLD AFTER DELETE ON fact_budget_use REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION keep_budget_totals('-1');
