-- Runs with its owner's rights, because the service's own role may not create tables; it can do nothing else.
CREATE FUNCTION make_month_partition(parent regclass, month date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
  since timestamptz := date_trunc('month', month)::timestamp AT TIME ZONE 'UTC';
  until timestamptz := (date_trunc('month', month) + interval '1 month')::timestamp AT TIME ZONE 'UTC';
  part text := format('%s_%s', parent, to_char(month, 'YYYY_MM'));
  spare text := format('%s_default', parent);
  key name;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext(part));
  IF to_regclass(part) IS NOT NULL THEN RETURN false; END IF;
  SELECT attname INTO STRICT key FROM pg_partitioned_table AS partitioned
    JOIN pg_attribute ON attrelid = partrelid AND attnum = partattrs[0] WHERE partrelid = parent;
  EXECUTE format('CREATE TABLE %I (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part, parent);
  -- What came for this month before it had a partition moves; attaching would refuse otherwise.
  EXECUTE format('WITH moved AS (DELETE FROM %1$I WHERE %2$I >= %3$L AND %2$I < %4$L RETURNING *)
                  INSERT INTO %5$I SELECT * FROM moved', spare, key, since, until, part);
  EXECUTE format('ALTER TABLE %s ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, part, since, until);
  RETURN true;
END $$;
