from django.db import migrations, models

_MAKE = "CREATE INDEX CONCURRENTLY lot_ending ON lot (expires_at, id) WHERE is_open;"


class Migration(migrations.Migration):
    """The order in which lots expire as an index: all of a programme may end at one instant, and each chunk sorted them
    all. Made while the ledger is written to; one that failed half-way is made anew."""

    atomic = False
    dependencies = [("ledger", "0027_unseen")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS lot_ending;", migrations.RunSQL.noop),
        migrations.RunSQL(
            _MAKE,
            "DROP INDEX CONCURRENTLY IF EXISTS lot_ending;",
            state_operations=[
                migrations.AddIndex(
                    "lot",
                    models.Index(condition=models.Q(("is_open", True)), fields=["expires_at", "id"], name="lot_ending"),
                ),
                migrations.RemoveIndex("lot", "lot_expiry"),
            ],
        ),
        migrations.RunSQL(
            "DROP INDEX CONCURRENTLY IF EXISTS lot_expiry;",
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS lot_expiry ON lot (expires_at) WHERE is_open;",
        ),
    ]
