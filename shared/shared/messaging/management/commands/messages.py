"""`manage.py messages status|waiting|parked|malformed|resend|skip|compare`: what waits, and what people decide."""

import getpass
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

import msgspec
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from shared import clock
from shared.contracts.routes import SERVICES
from shared.errors import DomainError
from shared.messaging import attention, malformed, tasks


class Command(BaseCommand):
    """Show, send again, skip and compare this service's messages to the others."""

    help = "This service's messages to the others: status, waiting, parked, malformed, resend, skip, compare."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        for name, text in (("status", "each destination"), ("waiting", "what waits"), ("parked", "what is parked")):
            actions.add_parser(name, help=text).add_argument("--json", action="store_true")
        strange = actions.add_parser("malformed", help="what came to this service that is no message")
        strange.add_argument("--json", action="store_true")
        again = actions.add_parser("resend", help="send parked messages again")
        again.add_argument("ids", nargs="*", type=UUID, help="all parked ones where none is named")
        again.add_argument("--destination", choices=SERVICES)
        skip = actions.add_parser("skip", help="never send a parked message")
        skip.add_argument("id", type=UUID)
        skip.add_argument("--destination", choices=SERVICES, required=True)
        skip.add_argument("--reason", required=True)
        compare = actions.add_parser("compare", help="compare now with every consumer, instead of in five minutes")
        compare.add_argument("--hours", type=int, help="all that is kept where it is left out")

    def handle(self, *_arguments: Any, action: str, **options: Any) -> None:
        getattr(self, f"_{action}")(**options)

    def _status(self, *, json: bool, **_: Any) -> None:
        self._print(attention.flows(at=clock.machine_now()), as_json=json)

    def _waiting(self, *, json: bool, **_: Any) -> None:
        self._print(attention.waiting(parked_only=False), as_json=json)

    def _malformed(self, *, json: bool, **_: Any) -> None:
        self._print(malformed.counts(), as_json=json)

    def _parked(self, *, json: bool, **_: Any) -> None:
        self._print(attention.waiting(), as_json=json)

    def _resend(self, *, ids: list[UUID], destination: str | None, **_: Any) -> None:
        count = attention.resend(ids=ids or None, destination=destination, at=clock.machine_now())
        self.stdout.write(f"{count} messages are sent again")

    def _skip(self, *, id: UUID, destination: str, reason: str, **_: Any) -> None:  # noqa: A002 - the argument's name
        by = f"{getpass.getuser()} on the command line"
        try:
            with transaction.atomic():
                attention.skip(id, destination=destination, reason=reason[:500], by=by, at=clock.machine_now())
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"message {id} is never sent to {destination}")

    def _compare(self, *, hours: int | None, **_: Any) -> None:
        tasks.compare(hours=hours)
        self.stdout.write("asked; `messages status` shows the answers")

    def _print(self, found: list[Any], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(msgspec.json.encode(found).decode())
            return
        for one in found:
            fields = msgspec.to_builtins(one)
            self.stdout.write("  ".join(f"{name}={value}" for name, value in fields.items() if value not in (None, "")))
        if not found:
            self.stdout.write("none")
