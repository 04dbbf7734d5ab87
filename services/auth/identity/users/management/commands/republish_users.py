"""`manage.py republish_users [--after ID]`: say again who registered, to services that did not listen then."""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandParser

from identity.users.republishing import republish_users
from shared import clock


class Command(BaseCommand):
    """Publishes every user's registration, deactivation and merchant; again, it changes nothing at who knows them."""

    help = "Publish who registered, who was deactivated and who works for whom; says how far it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--after", type=UUID, help="go on after this id, which an earlier run said")

    def handle(self, *_: Any, after: UUID | None, **__: Any) -> None:
        total = 0
        for count, last in republish_users(after=after, at=clock.now()):
            total += count
            self.stdout.write(f"{total} users, the last one {last}")
        self.stdout.write(f"published {total} users")
