from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0006_pending_points'),
    ]

    operations = [
        ValidateConstraint(model_name="transaction", name="transaction_kind"),
    ]
