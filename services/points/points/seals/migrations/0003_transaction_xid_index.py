from django.db import migrations


class Migration(migrations.Migration):
    """The order of sealing as an index, made while the ledger is written to; one that failed half-way is made anew."""

    atomic = False
    dependencies = [("seals", "0002_transaction_xid")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS transaction_xid;", migrations.RunSQL.noop),
        migrations.RunSQL(
            "CREATE INDEX CONCURRENTLY transaction_xid ON points_transaction (xid, id);",
            "DROP INDEX CONCURRENTLY IF EXISTS transaction_xid;",
        ),
    ]
