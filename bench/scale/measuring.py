"""Measures the rows and makes lines of the table of them."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from random import Random
from statistics import median

from bench.scale import gets, jobs, writes
from bench.scale.asking import Lines, in_turns
from bench.scale.filling import Data
from bench.scale.gets import Get
from bench.scale.jobs import MEMBERS, Job, Run
from bench.scale.published import Published
from bench.scale.stand import SIZES, Stand
from bench.table import Row

AT_MOST = 1.2
AIM = 1 / AT_MOST
# A row beyond the bound is measured again, with so many times as many requests: chance does not come twice.
AGAIN = 4
RUNS = 5
MOST_RUNS = 250
# PostgreSQL tells how many pages a connection has read once a second at most.
REPORTED_SECONDS = 1.1
PAGES_TIMES = 5


@dataclass(frozen=True)
class Scale:
    """What is measured where, and how often: `times` requests of each row and size."""

    stand: Stand
    lines: Lines
    data: Data
    published: dict[str, Published]
    times: int

    def requests(self) -> Iterator[Row]:
        """Yield the rows of all GETs."""
        for service, found in self.published.items():
            for row in gets.rows(service, found):
                ask = partial(self.lines.get, row, chance=Random(row.name))  # noqa: S311 - the same ones each time
                yield self._row(row.name, ask, pages=partial(self._pages, row, ask))

    def writes(self) -> Iterator[Row]:
        """Yield the rows of single writes and of batches."""
        chance = Random("writes")  # noqa: S311 - the same members each time
        for name, ask in writes.singles(self.lines, chance).items():
            yield self._row(name, ask)
        for name, ask in writes.batches(self.lines, chance).items():
            yield _row(name, in_turns(ask, max(3, self.times // 5), first=1))

    def backlogs(self) -> Iterator[Row]:
        """Yield the rows of the periodic jobs that find something to do, let each do all of it, and run the others."""
        for service, found in self.published.items():
            counted = [job.name for job in jobs.rows(service, found) if job.counts_by != MEMBERS]
            done = {size: self._until_idle(service, counted, size) for size in SIZES}
            # Their messages are carried before anything else is measured: the warehouse has what it compares with.
            for size in SIZES:
                self._run(service, [job.name for job in jobs.rows(service, found) if job.counts_by == MEMBERS], size, 1)
            for name in counted:
                runs = {size: [run for run in done[size][name] if run.handled] for size in SIZES}
                if all(runs.values()):
                    yield _work_row(f"{service}: {name}, each of its backlog", runs)

    def jobs(self) -> Iterator[Row]:
        """Yield the rows of all periodic jobs once there is little to do, and of the commands that read everything."""
        for service, found in self.published.items():
            names = [job.name for job in jobs.rows(service, found)]
            runs = {size: self._run(service, names, size, RUNS) for size in SIZES}
            for job in jobs.rows(service, found):
                yield self._job(job, {size: runs[size][job.name] for size in SIZES})
        for service, command in jobs.COMMANDS:
            ask = partial(self._command, service, command.format(today=self.data.begun[:10]).split())
            yield self._per_member(f"{service}: {command.split()[0]}", in_turns(ask, 2, first=0))

    def _row(self, name: str, ask: Callable[[str], float], pages: Callable[[], str] | None = None) -> Row:
        row = _row(name, in_turns(ask, self.times))
        if row.ratio >= AIM:
            return row
        row = _row(name, in_turns(ask, self.times * AGAIN))
        return row if row.ratio >= AIM or pages is None else Row(row.name, row.rate, row.limit, AIM, row.more + pages())

    def _pages(self, row: Get, ask: Callable[[str], float]) -> str:
        found = []
        for size in SIZES:
            time.sleep(REPORTED_SECONDS)
            ask(size)
            before = self._pages_read(row.service, size)
            for _ in range(PAGES_TIMES):
                ask(size)
            time.sleep(REPORTED_SECONDS)
            ask(size)
            found.append((self._pages_read(row.service, size) - before) // (PAGES_TIMES + 1))
        return f"; pages {found[0]:,} -> {found[1]:,}"

    def _pages_read(self, service: str, size: str) -> int:
        name = self.stand.database(service, size)
        sql = f"SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = '{name}'"
        return int(self.stand.server(service).psql(sql).stdout)

    def _job(self, job: Job, runs: dict[str, list[Run]]) -> Row:
        row = self._row_of_runs(job, runs)
        if row.ratio >= AIM:
            return row
        again = {size: self._run(job.service, [job.name], size, RUNS * AGAIN)[job.name] for size in SIZES}
        return self._row_of_runs(job, again)

    def _row_of_runs(self, job: Job, runs: dict[str, list[Run]]) -> Row:
        make = self._per_member if job.counts_by == MEMBERS else _row
        row = make(f"{job.service}: {job.name}", {size: [run.seconds for run in runs[size]] for size in SIZES})
        pages = " -> ".join(f"{median(run.pages for run in runs[size]):,.0f}" for size in SIZES)
        return Row(row.name, row.rate, row.limit, AIM, f"{row.more}; pages {pages}")

    def _until_idle(self, service: str, names: list[str], size: str) -> dict[str, list[Run]]:
        """Run jobs until they find nothing more; return all their runs.

        :raises RuntimeError: one never ends.
        """
        found, busy = dict[str, list[Run]](), names
        for _ in range(MOST_RUNS):
            if not busy:
                return found
            for name, runs in self._run(service, busy, size, 2).items():
                found.setdefault(name, []).extend(runs)
            busy = [name for name in busy if found[name][-1].handled]
        raise RuntimeError(f"{service}: {', '.join(busy)} still find something after {2 * MOST_RUNS} runs")

    def _run(self, service: str, names: list[str], size: str, times: int) -> dict[str, list[Run]]:
        return jobs.runs_of(self.stand.manage(service, size, "run_job", *names, "--times", str(times)))

    def _command(self, service: str, arguments: list[str], size: str) -> float:
        begun = time.perf_counter()
        self.stand.manage(service, size, *arguments)
        return time.perf_counter() - begun

    def _per_member(self, name: str, taken: dict[str, list[float]]) -> Row:
        per = {size: [seconds / self.data.members(size) for seconds in found] for size, found in taken.items()}
        return _row(f"{name}, per member", per)


def _work_row(name: str, runs: dict[str, list[Run]]) -> Row:
    handled = {size: sum(run.handled for run in found) for size, found in runs.items()}
    row = _row(name, {size: [sum(run.seconds for run in found) / handled[size]] for size, found in runs.items()})
    pages = {size: sum(run.pages for run in found) / handled[size] for size, found in runs.items()}
    done = ", ".join(f"{handled[size]:,} with {pages[size]:.1f} pages each" for size in SIZES)
    return Row(row.name, row.rate, row.limit, AIM, f"{row.more}; {done}")


def _row(name: str, taken: dict[str, list[float]]) -> Row:
    few, many = (median(taken[size]) for size in SIZES)
    more = f"{few * 1000:.3g} -> {many * 1000:.3g} ms = {many / few:.2f} x"
    return Row(name, 1 / many, 1 / few, AIM, more)
