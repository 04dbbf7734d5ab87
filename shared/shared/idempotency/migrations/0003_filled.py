"""Texts with blanks that the server fills in (shared.blanks)."""

from django.db import migrations

FILLED = r"""
CREATE FUNCTION filled(template text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT replace(replace(replace(template,
    E'\x01', split_part(current_setting('blanks.values'), E'\x01', 1)),
    E'\x02', split_part(current_setting('blanks.values'), E'\x01', 2)),
    E'\x03', split_part(current_setting('blanks.values'), E'\x01', 3))
$$;
"""


class Migration(migrations.Migration):

    dependencies = [("idempotency", "0002_claim")]

    operations = [
        migrations.RunSQL(FILLED, "DROP FUNCTION filled(text)"),
    ]
