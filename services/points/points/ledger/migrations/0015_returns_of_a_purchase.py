from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The returns of one purchase, found by an index that is made while others write."""

    atomic = False
    dependencies = [("ledger", "0014_returns_valid")]

    operations = [
        AddIndexConcurrently("purchasereturn", models.Index(fields=["payment"], name="purchase_return_of")),
    ]
