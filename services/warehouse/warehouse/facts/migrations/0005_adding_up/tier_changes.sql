-- What one change of a tier adds to the sum of a day: who came from which tier to which, and when, in 32 bits, as points
-- reckons it (the contract `ledger_day_totals` says how).
CREATE FUNCTION tier_change_digest(member_id uuid, number integer, before text, after text, changed_at timestamptz)
RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT ('x' || left(encode(sha256(convert_to(member_id || ' ' || number || ' ' || coalesce(before, '') || ' '
      || coalesce(after, '') || ' ' || (extract(epoch FROM changed_at) * 1000000)::bigint, 'UTF8')), 'hex'),
      8))::bit(32)::bigint
$$;

-- Changes of tiers by the quarter of an hour in which points noted them, and by cause, to be compared with what points
-- counts of a day; those of which that is not known are older than the column. The argument is the sign.
CREATE FUNCTION keep_tier_change_totals() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  sign smallint := TG_ARGV[0];
BEGIN
  INSERT INTO movement_total AS total (ledger, slot, unit, about, kind, part, count, amount)
  SELECT 'tier_changes', date_bin('15 minutes', posted_at, timestamptz '2000-01-01 00:00Z'), '', programme_key, cause,
         pg_backend_pid() % 4, sign * count(*), sign * sum(tier_change_digest(member_id, number, before, after, changed_at))
  FROM changed WHERE posted_at IS NOT NULL GROUP BY 2, 4, 5 ORDER BY 2, 4, 5
  ON CONFLICT (ledger, slot, unit, about, kind, part) DO UPDATE
  SET count = total.count + excluded.count, amount = total.amount + excluded.amount;
  RETURN NULL;
END $$;

CREATE TRIGGER fact_tier_change_posted_INSERT_NEW AFTER INSERT ON fact_tier_change REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION keep_tier_change_totals('1');
CREATE TRIGGER fact_tier_change_posted_UPDATE_NEW AFTER UPDATE ON fact_tier_change REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION keep_tier_change_totals('1');
CREATE TRIGGER fact_tier_change_posted_UPDATE_OLD AFTER UPDATE ON fact_tier_change REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION keep_tier_change_totals('-1');
CREATE TRIGGER fact_tier_change_posted_DELETE_OLD AFTER DELETE ON fact_tier_change REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION keep_tier_change_totals('-1');
