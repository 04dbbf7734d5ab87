"""`manage.py publish_day_totals --day DATE`: says a day's totals again, changed or not."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand

from payments.books.operations import publish_day_totals
from shared import clock
from shared.instants import read_day


class Command(BaseCommand):
    """Publish the totals of one UTC day, for a reconciliation that asks for them."""

    help = "Says the totals of payments and wallets of a UTC day."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--day", type=read_day, required=True)

    def handle(self, *_args: Any, day: date, **_options: Any) -> None:
        publish_day_totals(day, at=clock.now(), even_if_published=True)
        self.stdout.write(f"published the totals of {day}")
