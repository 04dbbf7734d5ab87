from django.db import migrations, models


class Migration(migrations.Migration):
    """What of each open lot is counted, and what that comes to; the periodic job counts what is there."""

    dependencies = [("ledger", "0030_found_by_account_or_by_time"), ("seals", "0003_transaction_xid_index")]

    operations = [
        migrations.CreateModel(
            name="LotEnd",
            fields=[
                ("lot_id", models.UUIDField(primary_key=True, serialize=False)),
                ("programme_id", models.UUIDField()),
                ("slot", models.DateTimeField(null=True)),
                ("day", models.DateField(null=True)),
                ("points", models.BigIntegerField()),
            ],
            options={
                "db_table": "lot_end",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("points__gt", 0)), name="lot_end_points"),
                ],
            },
        ),
        migrations.CreateModel(
            name="LotEndTotal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("programme_id", models.UUIDField()),
                ("slot", models.DateTimeField(null=True)),
                ("day", models.DateField(null=True)),
                ("points", models.BigIntegerField()),
                ("lots", models.BigIntegerField()),
            ],
            options={
                "db_table": "lot_end_total",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme_id", "slot", "day"), name="lot_end_total_once", nulls_distinct=False
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LotEndReach",
            fields=[
                ("id_of_one", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("last_xid", models.BigIntegerField()),
                ("last_id", models.UUIDField()),
            ],
            options={"db_table": "lot_end_reach"},
        ),
    ]
