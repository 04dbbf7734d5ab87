"""Programmes are not deleted, and keep their ids: that one exists is looked at once, by who names it (0026)."""

from django.db import migrations

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


class Migration(migrations.Migration):

    dependencies = [("ledger", "0024_many_postings")]

    operations = [migrations.RunSQL(STAYS, STAYS_BACK)]
