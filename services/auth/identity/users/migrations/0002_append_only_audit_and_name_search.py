from django.db import migrations

from shared.db import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("users", "0001_initial")]

    operations = [
        AppendOnly("audit_entry"),
        # Serves `name__istartswith`, which Django writes as UPPER(name::text) LIKE UPPER('…%').
        migrations.RunSQL(
            "CREATE INDEX user_by_name ON identity_user (upper(name::text) varchar_pattern_ops)",
            "DROP INDEX user_by_name",
        ),
    ]
