"""`manage.py rotate_signing_key`: the next key, published now and signing when every service can know it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from identity.keys.operations import rotate
from shared import clock


class Command(BaseCommand):
    """Adds a signing key and sets the older ones to retire after their last token."""

    help = "Add a signing key; it takes over in five minutes, and the older ones go after their last token."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--at-once",
            action="store_true",
            help="the present key has leaked: withdraw it now; every access token must be refreshed",
        )

    def handle(self, *_: Any, at_once: bool, **__: Any) -> None:
        made = rotate(at=clock.machine_now(), at_once=at_once)
        self.stdout.write(f"key {made.kid} signs from {clock.iso(made.signs_from)}")
