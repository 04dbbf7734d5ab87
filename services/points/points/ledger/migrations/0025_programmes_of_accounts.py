"""That an account's programme exists is looked at by the statement that makes accounts, and no more by a foreign key.

A foreign key looked it up for each new member at COMMIT, thousands of times the same one. It is looked up once, and
what is found cannot go away: programmes are not deleted, and keep their ids.
"""

import django.db.models.deletion
from django.db import migrations, models

STAYS = """
CREATE TRIGGER programme_stays BEFORE UPDATE ON programme FOR EACH ROW WHEN (NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse_row_change();
CREATE TRIGGER programme_is_kept BEFORE DELETE ON programme FOR EACH ROW EXECUTE FUNCTION refuse_row_change();
CREATE TRIGGER programme_no_truncate BEFORE TRUNCATE ON programme FOR EACH STATEMENT EXECUTE FUNCTION refuse_row_change();
"""
STAYS_BACK = """
DROP TRIGGER programme_stays ON programme; DROP TRIGGER programme_is_kept ON programme;
DROP TRIGGER programme_no_truncate ON programme;
"""
FITS = """
CREATE FUNCTION new_accounts_fit() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE wrong uuid;
BEGIN
  SELECT programme_id INTO wrong FROM (SELECT DISTINCT programme_id FROM fresh OFFSET 0) n WHERE NOT EXISTS (
      SELECT FROM programme p WHERE p.id = n.programme_id OFFSET 0) LIMIT 1;
  IF FOUND THEN PERFORM refuse_unfit('an account is of a programme', wrong::text); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER account_fits AFTER INSERT ON account REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION new_accounts_fit();
"""
FITS_BACK = "DROP TRIGGER account_fits ON account; DROP FUNCTION new_accounts_fit();"


class Migration(migrations.Migration):

    # Each table in a transaction of its own: none is held while another is waited for, but by what drops the foreign key.
    atomic = False

    dependencies = [("ledger", "0024_many_postings")]

    operations = [
        migrations.RunSQL(STAYS, STAYS_BACK),
        migrations.RunSQL(FITS, FITS_BACK),
        migrations.AlterField(
            model_name="account",
            name="programme",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                to="programmes.programme",
            ),
        ),
    ]
