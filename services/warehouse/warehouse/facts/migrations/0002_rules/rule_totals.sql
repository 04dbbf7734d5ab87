-- Totals of what rules gave follow the facts in the same statement, as those of movements do (0001_initial). Each fact
-- by rule counts for the rule, for the merchant and for the programme. The argument is the sign.
CREATE FUNCTION keep_rule_totals() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  sign smallint := TG_ARGV[0];
BEGIN
  INSERT INTO movement_total AS total (ledger, slot, unit, about, kind, part, count, amount)
  SELECT said.ledger, date_bin('15 minutes', posted_at, timestamptz '2000-01-01 00:00Z'), said.unit, said.about, kind,
         pg_backend_pid() % 4, sign * count(*), sign * sum(points)
  FROM changed
  CROSS JOIN LATERAL (VALUES ('rules', '', rule_key), ('merchant_rules', rule_key::text, merchant_key),
                             ('programme_rules', '', programme_key)) AS said (ledger, unit, about)
  WHERE said.about IS NOT NULL
  GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
  ON CONFLICT (ledger, slot, unit, about, kind, part) DO UPDATE
  SET count = total.count + excluded.count, amount = total.amount + excluded.amount;
  RETURN NULL;
END $$;

-- How many rules the entries name, and the points of these entries: facts by rule must come to the same.
CREATE FUNCTION keep_entry_rule_totals() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  sign smallint := TG_ARGV[0];
BEGIN
  INSERT INTO movement_total AS total (ledger, slot, unit, about, kind, part, count, amount)
  SELECT 'entry_rules', date_bin('15 minutes', posted_at, timestamptz '2000-01-01 00:00Z'), '', programme_key, kind,
         pg_backend_pid() % 4, sign * sum(rules), sign * sum(points)
  FROM changed WHERE rules > 0
  GROUP BY 2, 4, 5 ORDER BY 2, 4, 5
  ON CONFLICT (ledger, slot, unit, about, kind, part) DO UPDATE
  SET count = total.count + excluded.count, amount = total.amount + excluded.amount;
  RETURN NULL;
END $$;

CREATE TRIGGER fact_points_rule_rules_INSERT_NEW AFTER INSERT ON fact_points_rule REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION keep_rule_totals('1');
CREATE TRIGGER fact_points_rule_rules_UPDATE_NEW AFTER UPDATE ON fact_points_rule REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION keep_rule_totals('1');
CREATE TRIGGER fact_points_rule_rules_UPDATE_OLD AFTER UPDATE ON fact_points_rule REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION keep_rule_totals('-1');
CREATE TRIGGER fact_points_rule_rules_DELETE_OLD AFTER DELETE ON fact_points_rule REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION keep_rule_totals('-1');

CREATE TRIGGER fact_points_entry_rules_INSERT_NEW AFTER INSERT ON fact_points_entry REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION keep_entry_rule_totals('1');
CREATE TRIGGER fact_points_entry_rules_UPDATE_NEW AFTER UPDATE ON fact_points_entry REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION keep_entry_rule_totals('1');
CREATE TRIGGER fact_points_entry_rules_UPDATE_OLD AFTER UPDATE ON fact_points_entry REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION keep_entry_rule_totals('-1');
CREATE TRIGGER fact_points_entry_rules_DELETE_OLD AFTER DELETE ON fact_points_entry REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION keep_entry_rule_totals('-1');
