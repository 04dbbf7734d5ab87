"""`manage.py trace ID [--received ID …]`: this service's part of one journey, as JSON; `make trace` asks all."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

import msgspec
from django.core.management.base import BaseCommand

from shared.messaging import journeys


class Command(BaseCommand):
    """Print what this service published in a journey, and when it acted on the messages named."""

    help = "This service's part of a journey: what it published, and when it acted on the messages named."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("correlation_id")
        parser.add_argument("--received", nargs="*", type=UUID, default=[])

    def handle(self, *_arguments: Any, correlation_id: str, received: list[UUID], **_options: Any) -> None:
        found = {"published": journeys.published(correlation_id), "received": journeys.received(received)}
        self.stdout.write(msgspec.json.encode(found).decode())
