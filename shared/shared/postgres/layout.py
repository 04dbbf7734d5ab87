"""Whether a database was laid out by the migrations of this code."""

from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.loader import MigrationLoader


def refuse_another() -> None:
    """Refuse a database to which migrations were applied that this code does not have; nothing is changed.

    :raises CommandError: it is one; the text is a sentence that says what to do.
    """
    loader = MigrationLoader(connection)
    unknown = sorted(set(loader.applied_migrations) - set(loader.disk_migrations))
    if unknown:
        others = f" and {len(unknown) - 1} more" if len(unknown) > 1 else ""
        raise CommandError(
            f"the database {connection.settings_dict['NAME']} was laid out by another version "
            f"({'.'.join(unknown[0])}{others}) and is left as it is: make fresh wipes all data and starts anew"
        )
