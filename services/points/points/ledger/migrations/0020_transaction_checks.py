"""Transactions' own values are looked at by the triggers of 0018."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("ledger", "0019_account_checks")]

    operations = [
        migrations.RemoveConstraint("transaction", "transaction_kind"),
        migrations.RemoveConstraint("transaction", "transaction_points"),
    ]
