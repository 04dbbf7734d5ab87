from django.db import migrations, models

from shared.db import AppendOnly


WRONG_GUESS = """
CREATE FUNCTION tests_wrong_guess() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'it is the first note' USING ERRCODE = 'BL001';
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
        migrations.RunSQL(WRONG_GUESS, "DROP FUNCTION tests_wrong_guess()"),
    ]
