-- Claims a key for one request. It answers nothing, so that it travels in front of the operation's first statement
-- (Prepared.later); what it has to say it says by a code of its own. Its second statement sees what a concurrent
-- duplicate committed just before it let go of the lock.
CREATE FUNCTION idempotency_claim(lock bigint, principal uuid, wanted text) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
  IF NOT pg_try_advisory_xact_lock(lock) THEN
    RAISE EXCEPTION 'a concurrent duplicate of this request is running' USING ERRCODE = 'IK001';
  END IF;
  IF EXISTS (SELECT FROM idempotency_record WHERE principal_id = principal AND key = wanted) THEN
    RAISE EXCEPTION 'this request has come before' USING ERRCODE = 'IK002';
  END IF;
END $$;
