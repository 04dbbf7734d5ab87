from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Indexes of tables that are written to all the time are built beside the writers, which takes no transaction.
    atomic = False

    dependencies = [("ledger", "0016_expiry_runs")]

    operations = [
        AddIndexConcurrently("purchase", models.Index(fields=["member_id", "payment_id"], name="purchase_of_member")),
        AddIndexConcurrently(
            "purchase", models.Index(fields=["merchant_id", "payment_id"], name="purchase_of_merchant")
        ),
        AddIndexConcurrently("membermerge", models.Index(fields=["into_member_id"], name="merge_into")),
    ]
