from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0008_member_merge'),
    ]

    operations = [
        ValidateConstraint(model_name="account", name="account_merged_empty"),
    ]
