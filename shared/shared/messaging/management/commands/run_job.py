"""`manage.py run_job NAME…`: runs periodic jobs of the service here and now, without a broker or a worker."""

import json
import time
from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from shared.celery import make_app
from shared.db import rows
from shared.garbage import collect_rarely

_READ = "SELECT pg_stat_force_next_flush()", "SELECT pg_stat_clear_snapshot()"
_PAGES = "SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = current_database()"


class Command(BaseCommand):
    """Print a line of JSON for each run: its entry in the schedule, seconds, pages of tables read, and the result."""

    help = "Runs periodic jobs by their names in the schedule, one after the other; without a name, lists them."

    def run_from_argv(self, argv: list[str]) -> None:
        """Look for garbage as a worker does: by Python's own thresholds one search through all that was loaded, 50 ms,
        falls into some run of 2,500 things and into none of 250."""
        collect_rarely()
        super().run_from_argv(argv)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("names", nargs="*", help="as the schedule has them")
        parser.add_argument("--times", type=int, default=1, choices=range(1, 1001), metavar="N")

    def handle(self, *_args: Any, names: list[str], times: int, **_options: Any) -> None:
        app = make_app(settings.PACKAGE)
        schedule = app.conf.beat_schedule
        if not names:
            self.stdout.write("\n".join(sorted(schedule)))
        for name in set(names) - set(schedule):
            raise CommandError(f"there is no periodic job {name!r}; there are: {', '.join(sorted(schedule))}")
        app.loader.import_default_modules()
        for name in names:
            job, arguments = app.tasks[schedule[name]["task"]], schedule[name].get("kwargs", {})
            for _ in range(times):
                self.stdout.write(json.dumps(_run(name, partial(job, **arguments))))


def _run(name: str, work: Callable[[], Any]) -> dict[str, Any]:
    before, begun = _pages(), time.perf_counter()
    result = work()
    seconds = time.perf_counter() - begun
    return {"job": name, "seconds": round(seconds, 6), "pages": _pages() - before, "result": result}


def _pages() -> int:
    """Return how many pages of tables and indexes were read in this database so far, in memory or from disk."""
    for statement in _READ:
        rows(statement)
    return int(rows(_PAGES)[0][0])
