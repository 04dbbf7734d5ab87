"""`manage.py expire_points [--as-of DATE]`: the nightly job, now or as of a day."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from points.ledger.operations import expire_all
from shared import clock


class Command(BaseCommand):
    """Expire the lots whose time has passed; run again, it finds nothing more to do."""

    help = "Expires points whose time has passed, now or as of a day (00:00 UTC) or instant."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as-of", help="an ISO date or instant; now, when left out")

    def handle(self, *_args: Any, as_of: str | None, **_options: Any) -> None:
        at = clock.now()
        lots, points = expire_all(at=at, as_of=_instant(as_of) if as_of else at)
        self.stdout.write(f"expired {points} points of {lots} lots")


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"--as-of: {error}") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
