-- A later end is given by a transaction, to a lot that lives.

CREATE FUNCTION check_extensions() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE wrong uuid;
BEGIN
  SELECT lot_id INTO wrong FROM fresh n WHERE NOT EXISTS (
      SELECT FROM lot l JOIN points_transaction t ON t.account_id + 0 = l.account_id + 0
      WHERE l.id = n.lot_id AND t.id = n.transaction_id AND t.version + 0 = n.version
        AND l.expires_at = n.expires_at AND l.expires_on = n.expires_on AND t.posted_at < n.previous_expires_at
      OFFSET 0) LIMIT 1;
  IF FOUND THEN PERFORM raise_violation('a later end is given by a transaction, to a living lot', wrong::text); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER extension_check AFTER INSERT ON lot_extension REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION check_extensions();
