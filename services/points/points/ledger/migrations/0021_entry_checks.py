"""Entries' own values are looked at by the triggers of 0018."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("ledger", "0020_transaction_checks")]

    operations = [
        migrations.RemoveConstraint("entry", "entry_moves"),
        migrations.RemoveConstraint("entry", "entry_bucket"),
    ]
