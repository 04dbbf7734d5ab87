"""That an account's programme exists is looked at by the statement that makes accounts, and no more by a foreign key.

A foreign key looked it up for each new member at COMMIT, thousands of times the same one. It is looked up once, and
what is found cannot go away (0025).
"""

import django.db.models.deletion
from django.db import migrations, models

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

    dependencies = [("ledger", "0025_programmes_stay")]

    operations = [
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
