from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0011_expiry'),
    ]

    operations = [
        ValidateConstraint(model_name="transaction", name="transaction_kind"),
    ]
