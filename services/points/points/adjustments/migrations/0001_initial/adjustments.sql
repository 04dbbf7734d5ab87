-- A decision repeats who asked, and cannot lie about it.
ALTER TABLE adjustment_decision ADD CONSTRAINT adjustment_decision_asker
FOREIGN KEY (request_id, requested_by) REFERENCES adjustment_request (id, requested_by) DEFERRABLE INITIALLY DEFERRED;

-- How each adjustment stands follows the two append-only tables, whoever writes them.
CREATE FUNCTION adjustment_is_asked_for() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO adjustment_state (request_id, state, requested_at) VALUES (NEW.id, 'pending', NEW.requested_at);
  RETURN NULL;
END $$;
CREATE TRIGGER adjustment_waits AFTER INSERT ON adjustment_request
  FOR EACH ROW EXECUTE FUNCTION adjustment_is_asked_for();

CREATE FUNCTION adjustment_is_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE adjustment_state SET state = NEW.state WHERE request_id = NEW.request_id;
  RETURN NULL;
END $$;
CREATE TRIGGER adjustment_waits_no_more AFTER INSERT ON adjustment_decision
  FOR EACH ROW EXECUTE FUNCTION adjustment_is_decided();
