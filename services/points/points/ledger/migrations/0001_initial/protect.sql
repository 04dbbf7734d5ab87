-- Who writes what (ADR 45). Postings are written by functions that run as the owner of the tables and check what they are
-- given. All other roles may open an account, which is empty, note whose a merged member's points are, and give a lot a
-- later end. What the owner writes by hand is found by `manage.py verify_ledger`.
DO $$ DECLARE other text; BEGIN
  FOR other IN SELECT DISTINCT grantee::text FROM information_schema.role_table_grants
    WHERE table_name IN ('account', 'points_transaction', 'entry', 'lot', 'allocation')
      AND table_schema = 'public' AND grantee NOT IN (current_user, 'PUBLIC')
  LOOP
    EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON account, points_transaction, entry, lot, allocation FROM %I',
      other);
    EXECUTE format('GRANT INSERT (programme_id, member_id, merged_into), UPDATE (merged_into) ON account TO %I', other);
    EXECUTE format('GRANT UPDATE (expires_at, expires_on) ON lot TO %I', other);
  END LOOP;
END $$;
