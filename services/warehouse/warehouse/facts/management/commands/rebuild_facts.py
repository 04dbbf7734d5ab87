"""`manage.py rebuild_facts --from 2026-11-01 --to 2026-11-30`: make the facts of some days' messages again."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shared.instants import read_day
from warehouse.facts import operations


class Command(BaseCommand):
    """Removes the facts of all messages of these UTC days and makes them again, in one transaction."""

    help = "Make the facts of some days' messages again, from the staged messages."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take both ends; both days are included."""
        parser.add_argument("--from", dest="first", type=read_day, required=True)
        parser.add_argument("--to", dest="last", type=read_day, required=True)

    def handle(self, *_: Any, first: date, last: date, **__: Any) -> None:
        """Rebuild and say what was done."""
        if last < first:
            raise CommandError("--to is before --from")
        done = operations.rebuild_facts(since=_midnight(first), until=_midnight(last + timedelta(days=1)))
        self.stdout.write(f"{done.removed} facts made again, {done.read_again} more messages could be read")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
