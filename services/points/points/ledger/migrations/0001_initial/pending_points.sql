-- Pending points close once and keep what they were made of; until then less may remain of them. They may move to the
-- account of the member into whom their own was merged.
CREATE FUNCTION refuse_pending_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.state = 'pending' AND NEW.remaining <= OLD.remaining AND NEW.activated <= OLD.remaining
    AND (NEW.id, NEW.points, NEW.on_event, NEW.due_at, NEW.reference, NEW.created_at)
      = (OLD.id, OLD.points, OLD.on_event, OLD.due_at, OLD.reference, OLD.created_at)
    AND NEW.expires_at IS NOT DISTINCT FROM OLD.expires_at
    AND (NEW.account_id = OLD.account_id OR EXISTS (
      SELECT FROM member_merge m JOIN account a ON a.member_id = m.from_member_id
      JOIN account b ON b.member_id = m.into_member_id AND b.programme_id = a.programme_id
      WHERE a.id = OLD.account_id AND b.id = NEW.account_id AND NEW.remaining = OLD.remaining)) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'pending points % are %: % refused', OLD.id, OLD.state, TG_OP
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER pending_moves BEFORE UPDATE OR DELETE ON pending_points
  FOR EACH ROW EXECUTE FUNCTION refuse_pending_change();
CREATE TRIGGER pending_no_truncate BEFORE TRUNCATE ON pending_points
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
