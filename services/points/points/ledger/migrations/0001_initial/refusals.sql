-- What the triggers and functions of the ledger raise.
CREATE FUNCTION raise_violation(invariant text, which text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%: %', invariant, which USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- Refuses whatever the trigger is for.
CREATE FUNCTION refuse_row_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM raise_violation(TG_TABLE_NAME || ' keeps what it was made with', TG_OP);
  RETURN NULL;
END $$;
