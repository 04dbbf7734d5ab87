from django.db import migrations, models

from shared.postgres.schema import AppendOnly


CONFLICT = """
CREATE FUNCTION tests_conflict() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'it is the first note' USING ERRCODE = 'OC001';
END $$
"""


class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel(
            name="Note",
            fields=[("id", models.BigAutoField(primary_key=True)), ("text", models.CharField(max_length=100))],
            options={"db_table": "note"},
        ),
        AppendOnly("note"),
        migrations.RunSQL(CONFLICT, "DROP FUNCTION tests_conflict()"),
    ]
