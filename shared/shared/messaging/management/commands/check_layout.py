"""`manage.py check_layout`: whether `migrate` would take this database, which changes nothing."""

from typing import Any

from django.core.management.base import BaseCommand

from shared.postgres.layout import refuse_another


class Command(BaseCommand):
    """End with 1, and say what to do, where the database was laid out by other migrations than this code has."""

    help = "Refuses a database to which migrations were applied that this code does not have."

    def handle(self, *_arguments: Any, **_options: Any) -> None:
        refuse_another()
