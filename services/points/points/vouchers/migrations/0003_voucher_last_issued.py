from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    # The index of a table that is written to all the time is built beside the writers, which takes no transaction.
    atomic = False

    dependencies = [("vouchers", "0002_codes_of_a_pattern")]

    operations = [
        AddIndexConcurrently(
            "voucher",
            models.Index(
                fields=["-issued_at", "-id"], condition=Q(member_id__isnull=False), name="voucher_last_issued"
            ),
        ),
    ]
