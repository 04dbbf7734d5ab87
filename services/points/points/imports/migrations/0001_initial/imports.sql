-- An import moves along its arrows, and once it is finished nothing of it changes but that its file is purged. Its
-- file is never written over, what a pass counted never shrinks, and what was committed stays.
CREATE FUNCTION refuse_import_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.finished_at IS NULL
    AND (NEW.id, NEW.programme_id, NEW.plan, NEW.created_by, NEW.created_at)
      = (OLD.id, OLD.programme_id, OLD.plan, OLD.created_by, OLD.created_at)
    AND (OLD.state = NEW.state OR NEW.state = 'cancelled' OR (OLD.state, NEW.state) IN (('uploading', 'validating'),
      ('validating', 'validated'), ('validating', 'failed'), ('validated', 'validating'), ('validated', 'committing'),
      ('committing', 'done'), ('committing', 'failed'), ('committing', 'reversing'), ('reversing', 'failed')))
    AND (OLD.state = 'uploading' OR (NEW.bytes, NEW.pieces) = (OLD.bytes, OLD.pieces)) THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.finished_at IS NOT NULL AND OLD.purged_at IS NULL
    AND to_jsonb(NEW) - 'purged_at' = to_jsonb(OLD) - 'purged_at' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'import % is %: % refused', OLD.id, OLD.state, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER points_import_moves BEFORE UPDATE OR DELETE ON points_import
  FOR EACH ROW EXECUTE FUNCTION refuse_import_change();
CREATE TRIGGER points_import_no_truncate BEFORE TRUNCATE ON points_import
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION refuse_import_run_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.finished_at IS NULL AND NEW.position >= OLD.position AND NEW.accepted >= OLD.accepted
    AND NEW.known >= OLD.known AND NEW.refused >= OLD.refused AND NEW.kind = OLD.kind
    AND NEW.earns_nothing >= OLD.earns_nothing AND NEW.left_out >= OLD.left_out
    AND NEW.already_expired >= OLD.already_expired AND NEW.unknown_members >= OLD.unknown_members THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'DELETE' AND OLD.kind = 'validation' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'the % of import %: % refused', OLD.kind, OLD.import_id, TG_OP
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER points_import_run_moves BEFORE UPDATE OR DELETE ON points_import_run
  FOR EACH ROW EXECUTE FUNCTION refuse_import_run_change();
CREATE TRIGGER points_import_run_no_truncate BEFORE TRUNCATE ON points_import_run
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER points_import_piece_stays BEFORE UPDATE ON points_import_piece
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Parts of a piece are read: uncompressed, only these are fetched.
ALTER TABLE points_import_piece ALTER COLUMN content SET STORAGE EXTERNAL;

-- What was reversed stays so: a row that is posted again has the next number.
CREATE FUNCTION refuse_import_reversed_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND (NEW.programme_id, NEW.source_key, NEW.times)
      = (OLD.programme_id, OLD.source_key, OLD.times + 1) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the reversals of %: % refused', OLD.source_key, TG_OP
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER points_import_reversed_stays BEFORE UPDATE OR DELETE ON points_import_reversed
  FOR EACH ROW EXECUTE FUNCTION refuse_import_reversed_change();
CREATE TRIGGER points_import_reversed_no_truncate BEFORE TRUNCATE ON points_import_reversed
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER points_import_posting_stays BEFORE UPDATE ON points_import_posting
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
