from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # The index of a table that is written to all the time is built beside the writers, which takes no transaction.
    atomic = False

    dependencies = [("wallets", "0001_initial")]

    operations = [
        AddIndexConcurrently("wallet", models.Index(fields=["-created_at", "-id"], name="wallet_newest")),
    ]
