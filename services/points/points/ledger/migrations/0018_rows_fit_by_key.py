"""What rows fit is looked up by primary key whatever the planner believes, and an entry's account and transaction once
for each transaction.

A session plans a trigger's query once and keeps the plan. One that was made while the tables were small read whole tables, or
all of one account, for each fresh row: ten thousand postings of one member took minutes. So no table is read whole
here, and a condition that another index could serve (`+ 0`) is only checked.
"""

from django.db import migrations

ENTRIES_FIT = """
CREATE OR REPLACE FUNCTION entries_fit() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE wrong uuid; is_sum_wrong boolean;
BEGIN
  SELECT transaction_id, points <> 0 INTO wrong, is_sum_wrong FROM (
      SELECT transaction_id, account_id, min(version) AS first, max(version) AS last, sum(points) AS points
      FROM fresh GROUP BY transaction_id, account_id OFFSET 0) n
  WHERE points <> 0 OR first < 1
    OR NOT EXISTS (SELECT FROM points_transaction t
                   WHERE t.id = n.transaction_id AND t.account_id + 0 = n.account_id AND t.version + 0 >= n.last OFFSET 0)
    OR NOT EXISTS (SELECT FROM account a WHERE a.id = n.account_id AND a.version >= n.last OFFSET 0)
  LIMIT 1;
  IF is_sum_wrong THEN PERFORM refuse_unfit('the entries of a transaction sum to zero', wrong::text); END IF;
  IF FOUND THEN PERFORM refuse_unfit('an entry is of its transaction and its account', wrong::text); END IF;
  RETURN NULL;
END $$;
"""
OTHERS_FIT = """
CREATE OR REPLACE FUNCTION lots_fit() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE wrong uuid;
BEGIN
  SELECT id INTO wrong FROM fresh n WHERE NOT EXISTS (
      SELECT FROM points_transaction t WHERE t.id = coalesce(n.opened_by_id, n.id) AND t.account_id + 0 = n.account_id
      OFFSET 0) LIMIT 1;
  IF FOUND THEN PERFORM refuse_unfit('a lot is opened by a transaction of its account', wrong::text); END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION allocations_fit() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE wrong uuid;
BEGIN
  SELECT lot_id INTO wrong FROM fresh n WHERE NOT EXISTS (
      SELECT FROM points_transaction t JOIN lot l ON l.account_id + 0 = t.account_id + 0
      WHERE t.id = n.transaction_id AND l.id = n.lot_id OFFSET 0) LIMIT 1;
  IF FOUND THEN PERFORM refuse_unfit('an allocation stays within its account', wrong::text); END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION extensions_fit() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE wrong uuid;
BEGIN
  SELECT lot_id INTO wrong FROM fresh n WHERE NOT EXISTS (
      SELECT FROM lot l JOIN points_transaction t ON t.account_id + 0 = l.account_id + 0
      WHERE l.id = n.lot_id AND t.id = n.transaction_id AND t.version + 0 = n.version
        AND l.expires_at = n.expires_at AND l.expires_on = n.expires_on AND t.posted_at < n.previous_expires_at
      OFFSET 0) LIMIT 1;
  IF FOUND THEN PERFORM refuse_unfit('a later end is given by a transaction, to a living lot', wrong::text); END IF;
  RETURN NULL;
END $$;
"""
WITHOUT_READING_TABLES = """
ALTER FUNCTION accounts_fit() SET enable_seqscan = off;
ALTER FUNCTION transactions_fit() SET enable_seqscan = off;
ALTER FUNCTION reinstatements_fit() SET enable_seqscan = off;
"""
AS_BEFORE = """
ALTER FUNCTION accounts_fit() RESET enable_seqscan;
ALTER FUNCTION transactions_fit() RESET enable_seqscan;
ALTER FUNCTION reinstatements_fit() RESET enable_seqscan;
"""


class Migration(migrations.Migration):

    dependencies = [("ledger", "0017_lists")]

    # What is checked is the same: going back, these functions may stay.
    operations = [migrations.RunSQL(ENTRIES_FIT + OTHERS_FIT + WITHOUT_READING_TABLES, AS_BEFORE)]
