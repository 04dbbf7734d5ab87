"""The two lists of an account's old and new rows are joined by hashing, also where the statement that changed them lets
rows be found by key alone (shared.db.plans_by_key); connections have `jit = off` by themselves."""

from django.db import migrations

JOIN = "ALTER FUNCTION accounts_fit() RESET jit; ALTER FUNCTION accounts_fit() SET enable_hashjoin = on;"
BACK = "ALTER FUNCTION accounts_fit() RESET enable_hashjoin; ALTER FUNCTION accounts_fit() SET jit = off;"


class Migration(migrations.Migration):

    dependencies = [("ledger", "0021_entry_checks")]

    operations = [migrations.RunSQL(JOIN, BACK)]
