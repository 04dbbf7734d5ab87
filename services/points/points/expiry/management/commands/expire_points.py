"""`manage.py expire_points [--as-of DATE]`: the nightly job, now or as of a day."""

from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from points.expiry.operations import expire_all
from points.expiry.operations.lots import LOTS_AT_ONCE
from points.expiry.queries import count_lots_due
from shared import clock
from shared.instants import beginning, read_day_or_instant


class Command(BaseCommand):
    """Expire the lots whose time has passed; run again, it finds nothing more to do."""

    help = "Expires points whose time has passed, now or as of a day (00:00 UTC) or instant."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as-of", help="an ISO date or instant; now, when left out")
        parser.add_argument("--progress", type=float, default=2.0, help="say how far it is every so many seconds")
        parser.add_argument(
            "--limit",
            type=int,
            default=LOTS_AT_ONCE,
            choices=range(1, 10_001),
            metavar="LOTS",
            help="of one transaction",
        )

    def handle(self, *_args: Any, as_of: str | None, limit: int, progress: float, **_options: Any) -> None:
        at = clock.now()
        until = _instant(as_of) if as_of else at
        shown = Progress(count_lots_due(as_of=until), self.stderr.write, every=progress)
        lots, points = expire_all(at=at, as_of=until, limit=limit, waits=True, progress=shown)
        self.stdout.write(f"expired {points} points of {lots} lots")


class Progress:
    """Says every so many seconds how many of the lots that were due are done, how fast, and how long the rest takes."""

    def __init__(self, due: int, say: Callable[[str], Any], *, every: float) -> None:
        self.due, self.say, self.every = due, say, every
        self.begun = self.last = monotonic()

    def __call__(self, lots: int, points: int) -> None:
        now = monotonic()
        if now - self.last < self.every:
            return
        self.last = now
        rate = lots / max(now - self.begun, 0.001)
        left = max(self.due - lots, 0) / rate
        self.say(f"{lots} of {self.due} lots, {points} points, {rate:.0f} lots/s, {left:.0f} s left")


def _instant(text: str) -> datetime:
    try:
        return beginning(read_day_or_instant(text), "UTC")
    except ValueError as error:
        raise CommandError(f"--as-of: {error}") from None
