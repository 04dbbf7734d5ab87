"""`manage.py republish_merchants [--after ID]`: say again which merchants there are, to who did not listen then."""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandParser

from payments.merchants.operations import republish_merchants
from shared import clock


class Command(BaseCommand):
    """Publishes every merchant; run again, it changes nothing at who knows them."""

    help = "Publish merchant_created of every merchant; says how far it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--after", type=UUID, help="go on after this id, which an earlier run said")

    def handle(self, *_: Any, after: UUID | None, **__: Any) -> None:
        total = 0
        for count, last in republish_merchants(after=after, at=clock.now()):
            total += count
            self.stdout.write(f"{total} merchants, the last one {last}")
        self.stdout.write(f"published {total} merchants")
