-- Programmes stay and keep their ids: accounts name them without a foreign key.
CREATE TRIGGER programme_stays BEFORE UPDATE ON programme FOR EACH ROW WHEN (NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse_row_change();
CREATE TRIGGER programme_is_kept BEFORE DELETE ON programme FOR EACH ROW EXECUTE FUNCTION refuse_row_change();
CREATE TRIGGER programme_no_truncate BEFORE TRUNCATE ON programme FOR EACH STATEMENT EXECUTE FUNCTION refuse_row_change();
