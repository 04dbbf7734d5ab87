from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Imports that nobody went on with are found among those of their state."""

    atomic = False
    dependencies = [("imports", "0001_imports")]

    operations = [
        AddIndexConcurrently("import", models.Index(fields=["state", "created_at"], name="points_import_in_state")),
    ]
