-- How many codes of a pattern were asked for, whoever writes jobs. What a job that ended early did not make is no longer
-- asked for.
CREATE FUNCTION count_codes_of_pattern() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO voucher_code_pattern (pattern, codes) VALUES (NEW.pattern, NEW.count)
    ON CONFLICT (pattern) DO UPDATE SET codes = voucher_code_pattern.codes + excluded.codes;
  ELSIF NEW.state IN ('cancelled', 'failed') AND OLD.state NOT IN ('cancelled', 'failed') THEN
    UPDATE voucher_code_pattern SET codes = codes - (NEW.count - NEW.done) WHERE pattern = NEW.pattern;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER voucher_code_job_counts AFTER INSERT OR UPDATE OF state ON voucher_code_job
  FOR EACH ROW EXECUTE FUNCTION count_codes_of_pattern();
