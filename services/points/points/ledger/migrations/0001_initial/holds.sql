-- A hold moves once and keeps what it was made of; as long as it is open it may end later.
CREATE FUNCTION refuse_hold_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.state = 'held' AND NEW.expires_at >= OLD.expires_at
    AND (NEW.id, NEW.account_id, NEW.points, NEW.reference, NEW.created_at)
      = (OLD.id, OLD.account_id, OLD.points, OLD.reference, OLD.created_at) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'hold % is %: % refused', OLD.id, OLD.state, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER hold_moves BEFORE UPDATE OR DELETE ON hold FOR EACH ROW EXECUTE FUNCTION refuse_hold_change();
CREATE TRIGGER hold_no_truncate BEFORE TRUNCATE ON hold FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
