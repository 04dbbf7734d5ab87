"""`manage.py migrate`: Django's own, which refuses a database of another layout before it changes anything."""

from typing import Any

from django.core.management.commands import migrate

from shared.postgres.layout import refuse_another


class Command(migrate.Command):
    """Apply the migrations that a database lacks."""

    def handle(self, *arguments: Any, **options: Any) -> None:
        refuse_another()
        super().handle(*arguments, **options)
