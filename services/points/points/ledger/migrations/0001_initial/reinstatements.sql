-- What is reinstated is the next part of what expired. Both transactions are found by their ids: `+ 0` lets no plan go along
-- all of an account.

CREATE FUNCTION check_reinstatements() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE wrong uuid;
BEGIN
  SELECT transaction_id INTO wrong FROM fresh n WHERE NOT EXISTS (
      SELECT FROM points_transaction t JOIN points_transaction e ON e.account_id + 0 = t.account_id + 0
      WHERE t.id = n.transaction_id AND t.kind = 'reinstated' AND t.points = n.points
        AND e.id = n.expiry_id AND e.kind = 'expired' AND e.points = n.expired
        AND n.total - n.points = (SELECT coalesce(max(r.total), 0) FROM reinstatement r
                                  WHERE r.expiry_id = n.expiry_id AND r.total < n.total)
      OFFSET 0) LIMIT 1;
  IF FOUND THEN PERFORM raise_violation('what is reinstated is the next part of what expired', wrong::text); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER reinstatement_check AFTER INSERT ON reinstatement REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION check_reinstatements();
