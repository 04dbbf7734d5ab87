from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

from shared.postgres.schema import RunFiles


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("purchases", "0001_initial"),
    ]

    operations = [
        RunFiles(__file__, "noted_xid"),
        AddIndexConcurrently(
            model_name="purchase",
            index=models.Index(fields=["programme", "member_id", "occurred_at"], name="purchase_of_programme"),
        ),
        RemoveIndexConcurrently(model_name="purchase", name="purchase_in_programme"),
    ]
