-- A draft changes. What was activated stays as it is, and only its end may move, while it is still to come.
CREATE FUNCTION refuse_rule_set_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE'
    AND (NEW.id, NEW.programme_id, NEW.version, NEW.created_at, NEW.created_by)
      = (OLD.id, OLD.programme_id, OLD.version, OLD.created_at, OLD.created_by)
    AND (OLD.retires_at IS NULL OR OLD.retires_at > NEW.changed_at AND OLD.starts_at IS NOT NULL)
    AND (OLD.starts_at IS NULL
      OR (NEW.document, NEW.schema, NEW.rounding, NEW.starts_at, NEW.activated_at, NEW.activated_by)
        = (OLD.document, OLD.schema, OLD.rounding, OLD.starts_at, OLD.activated_at, OLD.activated_by)) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'version % of the rules of programme %: % refused', OLD.version, OLD.programme_id, TG_OP
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER rule_set_moves BEFORE UPDATE OR DELETE ON rule_set FOR EACH ROW
  EXECUTE FUNCTION refuse_rule_set_change();
CREATE TRIGGER rule_set_no_truncate BEFORE TRUNCATE ON rule_set FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
