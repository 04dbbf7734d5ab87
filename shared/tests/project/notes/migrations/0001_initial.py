from django.db import migrations, models

from shared.db import AppendOnly


class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel(
            name="Note",
            fields=[("id", models.BigAutoField(primary_key=True)), ("text", models.CharField(max_length=100))],
            options={"db_table": "note"},
        ),
        AppendOnly("note"),
    ]
