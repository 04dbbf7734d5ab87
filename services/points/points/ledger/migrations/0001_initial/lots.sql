-- Lots keep what they were made with, end later but never earlier, and stay.

-- Room on each page, so that a changed row stays on its page and no index has to know (HOT).
ALTER TABLE lot SET (fillfactor = 85);

-- After the row, and named by column: the updates of `remaining` on every posting pay nothing for these.
CREATE TRIGGER lot_stays
  AFTER UPDATE OF id, account_id, number, points, active_from, opened_by_id ON lot FOR EACH ROW WHEN (
    (NEW.id, NEW.account_id, NEW.number, NEW.points, NEW.active_from, NEW.opened_by_id) IS DISTINCT FROM
    (OLD.id, OLD.account_id, OLD.number, OLD.points, OLD.active_from, OLD.opened_by_id))
  EXECUTE FUNCTION refuse_row_change();
CREATE TRIGGER lot_is_kept BEFORE DELETE ON lot FOR EACH ROW EXECUTE FUNCTION refuse_row_change();
CREATE TRIGGER lot_no_truncate BEFORE TRUNCATE ON lot FOR EACH STATEMENT EXECUTE FUNCTION refuse_row_change();

CREATE FUNCTION refuse_earlier_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.expires_at > OLD.expires_at AND NEW.expires_on >= OLD.expires_on THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'lot % ends at %: another end refused', OLD.id, OLD.expires_at
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER lot_ends_later AFTER UPDATE OF expires_at, expires_on ON lot FOR EACH ROW
EXECUTE FUNCTION refuse_earlier_end();
