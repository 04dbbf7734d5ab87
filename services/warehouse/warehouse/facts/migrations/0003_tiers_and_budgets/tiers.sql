-- The tier history of members, type 2: how a member stands from valid_from until valid_to, which is null for the
-- current one. It follows from the changes whatever the order in which these came.
CREATE VIEW dim_member_tier AS
SELECT programme_id, member_id, number, programme_key, member_key, after AS tier, cause, reference,
       changed_at AS valid_from,
       lead(changed_at) OVER (PARTITION BY programme_id, member_id ORDER BY number) AS valid_to
FROM fact_tier_change;

-- Totals of changes follow the facts in the same statement, as those of movements do (0001_initial), by quarters of an
-- hour and by months, so that what was before a day is soon added up. The unit is `before>after`; no tier is nothing.
-- Whoever left a lowest tier, in which everybody begins, came to it by that change. The argument is the sign.
CREATE FUNCTION keep_tier_totals() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  sign smallint := TG_ARGV[0];
BEGIN
  INSERT INTO movement_total AS total (ledger, slot, unit, about, kind, part, count, amount)
  SELECT said.ledger, said.slot, moved.unit, programme_key, moved.kind, pg_backend_pid() % 4, sign * count(*), 0
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

CREATE TRIGGER fact_tier_change_totals_INSERT_NEW AFTER INSERT ON fact_tier_change REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION keep_tier_totals('1');
CREATE TRIGGER fact_tier_change_totals_UPDATE_NEW AFTER UPDATE ON fact_tier_change REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION keep_tier_totals('1');
CREATE TRIGGER fact_tier_change_totals_UPDATE_OLD AFTER UPDATE ON fact_tier_change REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION keep_tier_totals('-1');
CREATE TRIGGER fact_tier_change_totals_DELETE_OLD AFTER DELETE ON fact_tier_change REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION keep_tier_totals('-1');
