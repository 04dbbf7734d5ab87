from django.db import migrations


class Migration(migrations.Migration):
    """Note with each transaction which database transaction wrote it, for the order of sealing.

    Kept here and not among the ledger's own migrations: the column serves sealing only, and the ledger's
    model does not know it. Both steps change the catalogue alone: the rows that are there read as 0, none is
    rewritten, and a lock that does not come within three seconds is given up rather than waited for.
    """

    dependencies = [("seals", "0001_initial"), ("ledger", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "SET LOCAL lock_timeout = '3s';"
            "ALTER TABLE points_transaction ADD COLUMN xid xid8 NOT NULL DEFAULT '0';"
            "ALTER TABLE points_transaction ALTER COLUMN xid SET DEFAULT pg_current_xact_id();",
            "ALTER TABLE points_transaction DROP COLUMN xid;",
        ),
    ]
