"""What rows fit is looked up by primary key whatever the planner believes, and their own values are looked at with it.

A session plans a trigger's query once and keeps the plan. One that was made while the tables were small read whole
tables, or all of one account, for each fresh row: ten thousand postings of one member took minutes. So no table is read
whole here, and a condition that another index could serve (`+ 0`) is only checked.

CHECK constraints are read from their stored text again by each statement (PostgreSQL's ExecRelCheck): those of accounts,
transactions and entries took a quarter of the time in which one posting is written. The plans that are kept have them; the next migrations remove the
constraints, each those of one table, so that none waits for a table while it holds another.
"""

from django.db import migrations

ACCOUNTS_FIT = """
CREATE OR REPLACE FUNCTION accounts_fit() RETURNS trigger LANGUAGE plpgsql
SET enable_nestloop = off SET enable_seqscan = off SET jit = off AS $$
DECLARE wrong bigint; law text;
BEGIN
  SELECT id, broken INTO wrong, law FROM (
    SELECT n.id, CASE
      WHEN n.available + n.held + n.pending + n.deficit + n.issued + n.redeemed + n.expired + n.adjusted + n.returned <> 0
        THEN 'the points of an account sum to zero'
      WHEN least(n.available, n.held, n.pending, -n.deficit, -n.issued, n.redeemed, n.expired, n.returned) < 0
        THEN 'each bucket has its sign'
      WHEN n.merged_into IS NOT NULL AND (n.available <> 0 OR n.held <> 0 OR n.pending <> 0 OR n.deficit <> 0)
        THEN 'a merged account is empty'
      WHEN n.version < o.version OR moved.number <> n.version - o.version
        OR n.available <> o.available + moved.available OR n.held <> o.held + moved.held
        OR n.pending <> o.pending + moved.pending OR n.deficit <> o.deficit + moved.deficit
        OR n.issued <> o.issued + moved.issued OR n.redeemed <> o.redeemed + moved.redeemed
        OR n.expired <> o.expired + moved.expired OR n.adjusted <> o.adjusted + moved.adjusted
        -- What is returned is what is left of zero, once each transaction sums to zero.
        THEN 'an account moves as its new entries say' END AS broken
    FROM fresh n JOIN stale o USING (id) CROSS JOIN LATERAL (
      SELECT count(*) AS number, coalesce(sum(e.points) FILTER (WHERE bucket = 'available'), 0) AS available,
        coalesce(sum(e.points) FILTER (WHERE bucket = 'held'), 0) AS held,
        coalesce(sum(e.points) FILTER (WHERE bucket = 'pending'), 0) AS pending,
        coalesce(sum(e.points) FILTER (WHERE bucket = 'deficit'), 0) AS deficit,
        coalesce(sum(e.points) FILTER (WHERE bucket = 'issued'), 0) AS issued,
        coalesce(sum(e.points) FILTER (WHERE bucket = 'redeemed'), 0) AS redeemed,
        coalesce(sum(e.points) FILTER (WHERE bucket = 'expired'), 0) AS expired,
        coalesce(sum(e.points) FILTER (WHERE bucket = 'adjusted'), 0) AS adjusted
      FROM entry e WHERE e.account_id = n.id AND e.version > o.version AND e.version <= n.version OFFSET 0) moved
    OFFSET 0) judged
  WHERE broken IS NOT NULL LIMIT 1;
  IF FOUND THEN PERFORM refuse_unfit(law, wrong::text); END IF;
  RETURN NULL;
END $$;
"""
TRANSACTIONS_FIT = """
CREATE OR REPLACE FUNCTION transactions_fit() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE wrong uuid;
BEGIN
  SELECT id INTO wrong FROM fresh WHERE points <= 0 OR kind NOT IN ('earned', 'redeemed', 'expired', 'adjusted',
    'reversed', 'returned', 'held', 'released', 'sent', 'received', 'activated', 'cancelled', 'restored', 'reinstated')
  LIMIT 1;
  IF FOUND THEN PERFORM refuse_unfit('a transaction is of a kind and moves points', wrong::text); END IF;
  SELECT id INTO wrong FROM fresh n WHERE NOT EXISTS (
      SELECT FROM entry e WHERE e.account_id = n.account_id AND e.version = n.version AND e.transaction_id = n.id
      OFFSET 0) LIMIT 1;
  IF FOUND THEN PERFORM refuse_unfit('a transaction has its entries', wrong::text); END IF;
  RETURN NULL;
END $$;
"""
# An entry can only come with its transaction: later, its number would be beyond the transaction's or taken.
ENTRIES_FIT = """
CREATE OR REPLACE FUNCTION entries_fit() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE wrong uuid; law text;
BEGIN
  SELECT transaction_id, CASE WHEN points <> 0 THEN 'the entries of a transaction sum to zero'
      WHEN is_odd THEN 'an entry changes a bucket' ELSE 'an entry is of its transaction and its account' END
    INTO wrong, law FROM (
      SELECT transaction_id, account_id, min(version) AS first, max(version) AS last, sum(points) AS points,
        bool_or(points = 0 OR bucket NOT IN ('available', 'held', 'pending', 'deficit', 'issued', 'redeemed', 'expired',
                                             'adjusted', 'returned')) AS is_odd
      FROM fresh GROUP BY transaction_id, account_id OFFSET 0) n
  WHERE points <> 0 OR is_odd OR first < 1
    OR NOT EXISTS (SELECT FROM points_transaction t
                   WHERE t.id = n.transaction_id AND t.account_id + 0 = n.account_id AND t.version + 0 >= n.last OFFSET 0)
    OR NOT EXISTS (SELECT FROM account a WHERE a.id = n.account_id AND a.version >= n.last OFFSET 0)
  LIMIT 1;
  IF FOUND THEN PERFORM refuse_unfit(law, wrong::text); END IF;
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

ALTER FUNCTION reinstatements_fit() SET enable_seqscan = off;
"""


class Migration(migrations.Migration):

    dependencies = [("ledger", "0017_lists")]

    operations = [
        # They check all that the old ones did: going back, they stay.
        migrations.RunSQL(ACCOUNTS_FIT + TRANSACTIONS_FIT + ENTRIES_FIT + OTHERS_FIT, migrations.RunSQL.noop),
    ]
