-- Makes {table} refuse UPDATE, DELETE and TRUNCATE, of the owner too; all roles but the owner lose the right.
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
DO $$ DECLARE other text; BEGIN
  FOR other IN SELECT DISTINCT grantee::text FROM information_schema.role_table_grants
    WHERE table_name = '{table}' AND grantee NOT IN (current_user, 'PUBLIC')
  LOOP EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM %I', other); END LOOP;
END $$;
