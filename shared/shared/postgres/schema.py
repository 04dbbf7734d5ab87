"""Migration operations for what Django's models cannot say: functions, triggers, rights. Their SQL stands in files.

What a released migration loads never changes, so that all databases are the same, whenever they were made: a file is
loaded by one migration (or, of those here, carries the number of its version), and a change is a new file.
"""

from pathlib import Path

from django.db.migrations import RunSQL

_SQL = Path(__file__).with_name("migrations")


class RunFiles(RunSQL):
    """Run the `.sql` files of a migration in this order, as they are.

    `RunFiles(__file__, "accounts", "lots")` in `migrations/0001_initial.py` runs `migrations/0001_initial/accounts.sql`
    and `lots.sql`. There is no way back: a migration that takes it back is a new one.
    """

    def __init__(self, migration: str, *names: str) -> None:
        folder = Path(migration).with_suffix("")
        super().__init__([(folder / f"{name}.sql").read_text() for name in names])


class AppendOnly(RunSQL):
    """Make tables refuse UPDATE, DELETE and TRUNCATE: a trigger raises, and all roles but the owner lose the right.

    It raises rather than ignores, because a change that silently does nothing looks like success. `{table}` in the file
    is the table's name, and the only placeholder that SQL of migrations has.
    """

    def __init__(self, *tables: str) -> None:
        text = (_SQL / "append_only_1.sql").read_text()
        super().__init__([text.replace("{table}", table) for table in tables])
