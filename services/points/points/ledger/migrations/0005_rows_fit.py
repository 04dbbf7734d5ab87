"""Rows of one posting that do not fit together are refused at the end of the statement that writes them.

A foreign key looks at each row by itself, after COMMIT was asked for, and only at whether another row is there. These
look at all rows of a statement at once, at what they say, and take the place of the foreign keys between these tables;
nothing they point at can go away, because these rows cannot be deleted.
"""

import django.db.models.deletion
from django.db import migrations, models

# Subqueries end with OFFSET 0, so that each fresh row is looked up by an index: as a join, planned without knowing how
# few rows are fresh, they could read whole tables.
FUNCTIONS = """
CREATE FUNCTION refuse_unfit(what text, which text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%: %', what, which USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- Two lists of fresh rows are joined here, about which no planner knows anything: by looking through one for each row
-- of the other, ten thousand took half a minute.
CREATE FUNCTION accounts_fit() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off SET jit = off AS $$
DECLARE wrong bigint;
BEGIN
  SELECT n.id INTO wrong FROM fresh n JOIN stale o USING (id) CROSS JOIN LATERAL (
      SELECT count(*) AS number, coalesce(sum(e.points) FILTER (WHERE bucket = 'available'), 0) AS available,
        coalesce(sum(e.points) FILTER (WHERE bucket = 'held'), 0) AS held,
        coalesce(sum(e.points) FILTER (WHERE bucket = 'pending'), 0) AS pending,
        coalesce(sum(e.points) FILTER (WHERE bucket = 'deficit'), 0) AS deficit,
        coalesce(sum(e.points) FILTER (WHERE bucket = 'issued'), 0) AS issued,
        coalesce(sum(e.points) FILTER (WHERE bucket = 'redeemed'), 0) AS redeemed,
        coalesce(sum(e.points) FILTER (WHERE bucket = 'expired'), 0) AS expired,
        coalesce(sum(e.points) FILTER (WHERE bucket = 'adjusted'), 0) AS adjusted
      FROM entry e WHERE e.account_id = n.id AND e.version > o.version AND e.version <= n.version OFFSET 0) moved
  WHERE n.version < o.version OR moved.number <> n.version - o.version
    OR n.available <> o.available + moved.available OR n.held <> o.held + moved.held
    OR n.pending <> o.pending + moved.pending OR n.deficit <> o.deficit + moved.deficit
    OR n.issued <> o.issued + moved.issued OR n.redeemed <> o.redeemed + moved.redeemed
    OR n.expired <> o.expired + moved.expired OR n.adjusted <> o.adjusted + moved.adjusted LIMIT 1;
  -- What is returned is what is left of zero (account_sum_is_zero), once each transaction sums to zero.
  IF FOUND THEN PERFORM refuse_unfit('an account moves as its new entries say', wrong::text); END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION transactions_fit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong uuid;
BEGIN
  SELECT id INTO wrong FROM fresh n WHERE NOT EXISTS (
      SELECT FROM entry e WHERE e.account_id = n.account_id AND e.version = n.version AND e.transaction_id = n.id
      OFFSET 0) LIMIT 1;
  IF FOUND THEN PERFORM refuse_unfit('a transaction has its entries', wrong::text); END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION entries_fit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong uuid;
BEGIN
  SELECT transaction_id INTO wrong FROM fresh n WHERE NOT EXISTS (
      SELECT FROM points_transaction t WHERE t.id = n.transaction_id AND t.account_id = n.account_id
        AND n.version <= t.version OFFSET 0)
    OR NOT EXISTS (SELECT FROM account a WHERE a.id = n.account_id AND n.version BETWEEN 1 AND a.version OFFSET 0)
    LIMIT 1;
  IF FOUND THEN PERFORM refuse_unfit('an entry is of its transaction and its account', wrong::text); END IF;
  SELECT transaction_id INTO wrong FROM fresh GROUP BY transaction_id HAVING sum(points) <> 0 LIMIT 1;
  IF FOUND THEN PERFORM refuse_unfit('the entries of a transaction sum to zero', wrong::text); END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION lots_fit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong uuid;
BEGIN
  SELECT id INTO wrong FROM fresh n WHERE NOT EXISTS (
      SELECT FROM points_transaction t WHERE t.id = coalesce(n.opened_by_id, n.id) AND t.account_id = n.account_id
      OFFSET 0) LIMIT 1;
  IF FOUND THEN PERFORM refuse_unfit('a lot is opened by a transaction of its account', wrong::text); END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION allocations_fit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong uuid;
BEGIN
  SELECT lot_id INTO wrong FROM fresh n WHERE NOT EXISTS (
      SELECT FROM points_transaction t JOIN lot l ON l.account_id = t.account_id
      WHERE t.id = n.transaction_id AND l.id = n.lot_id OFFSET 0) LIMIT 1;
  IF FOUND THEN PERFORM refuse_unfit('an allocation stays within its account', wrong::text); END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION refuse_row_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM refuse_unfit(TG_TABLE_NAME || ' keeps what it was made with', TG_OP);
  RETURN NULL;
END $$;
"""
TRIGGERS = """
CREATE TRIGGER account_moves AFTER UPDATE ON account REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION accounts_fit();
CREATE TRIGGER transaction_fits AFTER INSERT ON points_transaction REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION transactions_fit();
CREATE TRIGGER entry_fits AFTER INSERT ON entry REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION entries_fit();
CREATE TRIGGER lot_fits AFTER INSERT ON lot REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION lots_fit();
CREATE TRIGGER allocation_fits AFTER INSERT ON allocation REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION allocations_fit();

CREATE TRIGGER account_begins BEFORE INSERT ON account FOR EACH ROW WHEN (
    NEW.version <> 0 OR NEW.available <> 0 OR NEW.held <> 0 OR NEW.pending <> 0 OR NEW.deficit <> 0 OR NEW.issued <> 0
    OR NEW.redeemed <> 0 OR NEW.expired <> 0 OR NEW.adjusted <> 0 OR NEW.returned <> 0)
  EXECUTE FUNCTION refuse_row_change();
CREATE TRIGGER account_stays BEFORE UPDATE ON account FOR EACH ROW WHEN (
    (NEW.id, NEW.programme_id, NEW.member_id) IS DISTINCT FROM (OLD.id, OLD.programme_id, OLD.member_id))
  EXECUTE FUNCTION refuse_row_change();
CREATE TRIGGER lot_stays BEFORE UPDATE ON lot FOR EACH ROW WHEN (
    (NEW.id, NEW.account_id, NEW.number, NEW.points, NEW.active_from, NEW.opened_by_id) IS DISTINCT FROM
    (OLD.id, OLD.account_id, OLD.number, OLD.points, OLD.active_from, OLD.opened_by_id))
  EXECUTE FUNCTION refuse_row_change();
CREATE TRIGGER account_is_kept BEFORE DELETE ON account FOR EACH ROW EXECUTE FUNCTION refuse_row_change();
CREATE TRIGGER account_no_truncate BEFORE TRUNCATE ON account FOR EACH STATEMENT EXECUTE FUNCTION refuse_row_change();
CREATE TRIGGER lot_is_kept BEFORE DELETE ON lot FOR EACH ROW EXECUTE FUNCTION refuse_row_change();
CREATE TRIGGER lot_no_truncate BEFORE TRUNCATE ON lot FOR EACH STATEMENT EXECUTE FUNCTION refuse_row_change();
"""
BACK = """
DROP TRIGGER account_moves ON account; DROP TRIGGER account_begins ON account; DROP TRIGGER account_stays ON account;
DROP TRIGGER account_is_kept ON account; DROP TRIGGER account_no_truncate ON account;
DROP TRIGGER transaction_fits ON points_transaction; DROP TRIGGER entry_fits ON entry;
DROP TRIGGER lot_fits ON lot; DROP TRIGGER lot_stays ON lot; DROP TRIGGER lot_is_kept ON lot;
DROP TRIGGER lot_no_truncate ON lot; DROP TRIGGER allocation_fits ON allocation;
DROP FUNCTION accounts_fit(), transactions_fit(), entries_fit(), lots_fit(), allocations_fit(), refuse_row_change(),
  refuse_unfit(text, text);
"""


def _without_constraint(model, name, to, **options):
    field = models.ForeignKey(
        db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to=to, **options
    )
    return migrations.AlterField(model_name=model, name=name, field=field)


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0004_adjustments_by_two'),
    ]

    operations = [
        migrations.RunSQL(FUNCTIONS + TRIGGERS, BACK),
        _without_constraint('transaction', 'account', 'ledger.account'),
        _without_constraint('entry', 'account', 'ledger.account'),
        _without_constraint('entry', 'transaction', 'ledger.transaction'),
        _without_constraint('lot', 'account', 'ledger.account'),
        _without_constraint('lot', 'opened_by', 'ledger.transaction', null=True),
        _without_constraint('allocation', 'transaction', 'ledger.transaction'),
        _without_constraint('allocation', 'lot', 'ledger.lot'),
    ]
