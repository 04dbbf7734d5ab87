from django.db import migrations


class Migration(migrations.Migration):
    """The order in which transactions become visible, so that what is new is found by an index.

    What is there already gets 0, which rewrites nothing.
    """

    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE ledger_transaction ADD COLUMN xid xid8 NOT NULL DEFAULT '0';"
            "ALTER TABLE ledger_transaction ALTER COLUMN xid SET DEFAULT pg_current_xact_id();"
            "CREATE INDEX ledger_transaction_xid ON ledger_transaction (xid, id);",
            "ALTER TABLE ledger_transaction DROP COLUMN xid;",
        ),
    ]
