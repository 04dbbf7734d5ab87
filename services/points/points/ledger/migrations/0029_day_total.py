from django.db import migrations, models


class Migration(migrations.Migration):
    """Running totals of each day; what is there already is added to them by the periodic job, in steps."""

    dependencies = [("ledger", "0028_lots_that_end_at_one_instant"), ("seals", "0003_transaction_xid_index")]

    operations = [
        migrations.CreateModel(
            name="DayTotal",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "day", "programme_id", "kind", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("day", models.DateField()),
                ("programme_id", models.UUIDField()),
                ("kind", models.CharField(max_length=16)),
                ("count", models.BigIntegerField()),
                ("total", models.BigIntegerField()),
            ],
            options={"db_table": "day_total"},
        ),
        migrations.CreateModel(
            name="DayTotalReach",
            fields=[
                ("id_of_one", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("last_xid", models.BigIntegerField()),
                ("last_id", models.UUIDField()),
            ],
            options={"db_table": "day_total_reach"},
        ),
    ]
