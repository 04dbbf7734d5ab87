from django.db import migrations

# One statement that answers nothing, so that it travels in front of the operation's first (Prepared.later). What it has to
# say it says by a code of its own. Its second statement sees what a twin committed just before it let go of the lock.
CLAIM = """
CREATE FUNCTION idempotency_claim(lock bigint, principal uuid, wanted text) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
  IF NOT pg_try_advisory_xact_lock(lock) THEN
    RAISE EXCEPTION 'a twin of this request is running' USING ERRCODE = 'IK001';
  END IF;
  IF EXISTS (SELECT FROM idempotency_record WHERE principal_id = principal AND key = wanted) THEN
    RAISE EXCEPTION 'this request has come before' USING ERRCODE = 'IK002';
  END IF;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [("idempotency", "0001_initial")]

    operations = [
        migrations.RunSQL(CLAIM, "DROP FUNCTION idempotency_claim(bigint, uuid, text)"),
    ]
