-- Accounts keep what they were made with, and stay; that of a merged member is empty. What their buckets hold, `ledger_post`
-- and `protect.sql` see to (ADR 45).

-- Room on each page, so that a changed row stays on its page and no index has to know (HOT).
ALTER TABLE account SET (fillfactor = 70);

-- That an account's programme exists is looked up once for each statement; a programme stays (programmes.sql).
CREATE FUNCTION check_new_accounts() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE wrong uuid;
BEGIN
  SELECT programme_id INTO wrong FROM (SELECT DISTINCT programme_id FROM fresh OFFSET 0) n WHERE NOT EXISTS (
      SELECT FROM programme p WHERE p.id = n.programme_id OFFSET 0) LIMIT 1;
  IF FOUND THEN PERFORM raise_violation('an account is of a programme', wrong::text); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER account_check AFTER INSERT ON account REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION check_new_accounts();

CREATE FUNCTION refuse_points_of_merged() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM raise_violation('a merged account is empty', NEW.id::text);
  RETURN NULL;
END $$;
-- After the row: a trigger before it would lock each row once more.
CREATE TRIGGER merged_account_is_empty AFTER INSERT OR UPDATE ON account FOR EACH ROW WHEN (NEW.merged_into IS NOT NULL
    AND (NEW.available <> 0 OR NEW.held <> 0 OR NEW.pending <> 0 OR NEW.deficit <> 0))
  EXECUTE FUNCTION refuse_points_of_merged();
CREATE TRIGGER account_stays AFTER UPDATE OF id, programme_id, member_id ON account FOR EACH ROW
  WHEN ((NEW.id, NEW.programme_id, NEW.member_id) IS DISTINCT FROM (OLD.id, OLD.programme_id, OLD.member_id))
  EXECUTE FUNCTION refuse_row_change();
CREATE TRIGGER account_is_kept BEFORE DELETE ON account FOR EACH ROW EXECUTE FUNCTION refuse_row_change();
CREATE TRIGGER account_no_truncate BEFORE TRUNCATE ON account FOR EACH STATEMENT EXECUTE FUNCTION refuse_row_change();
