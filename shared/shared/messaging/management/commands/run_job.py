"""`manage.py run_job NAME`: runs one of the service's periodic jobs here and now, without a broker or a worker."""

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from shared.celery import make_app
from shared.db import rows

_READ = "SELECT pg_stat_force_next_flush()", "SELECT pg_stat_clear_snapshot()"
_PAGES = "SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = current_database()"


class Command(BaseCommand):
    """Print a line of JSON for each run: its entry in the schedule, seconds, pages of tables read, and the result."""

    help = "Runs a periodic job by its name in the schedule; without a name, lists them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", help="as the schedule has it")
        parser.add_argument("--times", type=int, default=1, choices=range(1, 1001), metavar="N")

    def handle(self, *_args: Any, name: str | None, times: int, **_options: Any) -> None:
        app = make_app(settings.PACKAGE)
        schedule = app.conf.beat_schedule
        if name is None:
            self.stdout.write("\n".join(sorted(schedule)))
            return
        if name not in schedule:
            raise CommandError(f"there is no periodic job {name!r}; there are: {', '.join(sorted(schedule))}")
        app.loader.import_default_modules()
        job, arguments = app.tasks[schedule[name]["task"]], schedule[name].get("kwargs", {})
        for _ in range(times):
            self.stdout.write(json.dumps(_run(name, lambda: job(**arguments))))


def _run(name: str, work: Any) -> dict[str, Any]:
    before, begun = _pages(), time.perf_counter()
    result = work()
    seconds = time.perf_counter() - begun
    return {"job": name, "seconds": round(seconds, 6), "pages": _pages() - before, "result": result}


def _pages() -> int:
    """Return how many pages of tables and indexes were read in this database so far, in memory or from disk."""
    for statement in _READ:
        rows(statement)
    return int(rows(_PAGES)[0][0])
