"""Accounts' own values are looked at by the triggers of 0018."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("ledger", "0018_rows_fit_by_key")]

    operations = [
        migrations.RemoveConstraint("account", "account_member_signs"),
        migrations.RemoveConstraint("account", "account_counter_signs"),
        migrations.RemoveConstraint("account", "account_sum_is_zero"),
        migrations.RemoveConstraint("account", "account_merged_empty"),
    ]
