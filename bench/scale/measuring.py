"""Measures the rows and makes lines of the table of them."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from random import Random
from statistics import median

from bench.scale import gets, jobs, verdict, writes
from bench.scale.asking import Lines, in_turns
from bench.scale.filling import Data
from bench.scale.jobs import MEMBERS, Job, Run
from bench.scale.pages import Pages
from bench.scale.published import Published
from bench.scale.stand import SIZES, Stand
from bench.table import Row

# A row beyond the bound is measured again, with so many times as many requests: chance does not come twice.
AGAIN = 4
RUNS = 5
# Backlogs are done so often, and the quickest round counts: each takes a few dozen milliseconds in the small size.
ROUNDS = 3
MOST_RUNS = 250
MOST_SAID = 300


@dataclass(frozen=True)
class Scale:
    """What is measured where, and how often: `times` requests of each row and size; if short, nothing twice."""

    stand: Stand
    lines: Lines
    data: Data
    pages: Pages
    published: dict[str, Published]
    times: int
    is_short: bool

    def requests(self) -> Iterator[Row]:
        """Yield the rows of all GETs."""
        for service, found in self.published.items():
            for one in gets.rows(service, found):
                ask = partial(self.lines.get, one, chance=Random(one.name))  # noqa: S311 - the same ones each time
                yield self._row(service, one.name, ask, self.times)

    def writes(self) -> Iterator[Row]:
        """Yield the rows of single writes and of batches."""
        chance = Random("writes")  # noqa: S311 - the same members each time
        for name, ask in writes.singles(self.lines, chance).items():
            yield self._row("points", name, ask, self.times)
        for name, ask in writes.batches(self.lines, chance).items():
            yield self._row("points", name, ask, max(2, self.times // 5), first=1)

    def backlogs(self) -> Iterator[Row]:
        """Yield the rows of the periodic jobs that find something to do, let each do all of it, and run the others."""
        for service, found in self.published.items():
            counted = [job.name for job in jobs.rows(service, found) if job.counts_by != MEMBERS]
            rounds = self._backlog_rounds(service, counted)
            # Their messages are carried before anything else is measured: the warehouse has what it compares with.
            for size in SIZES:
                self._run(service, [job.name for job in jobs.rows(service, found) if job.counts_by == MEMBERS], size, 1)
            for name in counted:
                runs = {size: [_busy(done[name]) for done in rounds[size]] for size in SIZES}
                if all(all(found) for found in runs.values()):
                    yield _work_row(f"{service}: {name}, each of its backlog", runs)

    def jobs(self) -> Iterator[Row]:
        """Yield the rows of all periodic jobs once there is little to do, and of the commands that read everything."""
        for service, found in self.published.items():
            names = [job.name for job in jobs.rows(service, found)]
            runs = {size: self._run(service, names, size, RUNS) for size in SIZES}
            for job in jobs.rows(service, found):
                yield self._job(job, {size: runs[size][job.name] for size in SIZES})
        for service, command in jobs.COMMANDS:
            yield self._command_row(service, command.format(today=self.data.begun[:10]).split())

    def _row(self, service: str, name: str, ask: Callable[[str], float], times: int, *, first: int = 3) -> Row:
        def measure(more: int) -> Row:
            self.pages.begin(service)
            taken = in_turns(ask, times * more, first=first)
            pages = {size: self.pages.read(service, size) / (times * more + first) for size in SIZES}
            return self._with_statement(service, verdict.row(name, taken, pages))

        return self._confirmed(measure)

    def _confirmed(self, measure: Callable[[int], Row]) -> Row:
        return verdict.confirmed(measure, again=None if self.is_short else AGAIN)

    def _with_statement(self, service: str, row: Row) -> Row:
        """Return a row that says, where it is beyond its bound, which statement reads the most pages."""
        if verdict.holds(row):
            return row
        most = self.pages.most(service, "large")[:MOST_SAID]
        return Row(row.name, row.rate, row.limit, row.aim, f"{row.more}; most of them by: {most}")

    def _job(self, job: Job, measured: dict[str, list[Run]]) -> Row:
        def measure(more: int) -> Row:
            return self._row_of_runs(job, measured if more == 1 else self._runs_in_turns(job, more))

        return self._confirmed(measure)

    def _runs_in_turns(self, job: Job, times: int) -> dict[str, list[Run]]:
        runs: dict[str, list[Run]] = {size: [] for size in SIZES}
        for _ in range(times):
            for size in SIZES:
                runs[size] += self._run(job.service, [job.name], size, RUNS)[job.name]
        return runs

    def _row_of_runs(self, job: Job, runs: dict[str, list[Run]]) -> Row:
        by = self.data.members if job.counts_by == MEMBERS else lambda _: 1
        taken = {size: [run.seconds / by(size) for run in runs[size]] for size in SIZES}
        pages = {size: median(run.pages for run in runs[size]) / by(size) for size in SIZES}
        name = f"{job.service}: {job.name}" + (", per member" if job.counts_by == MEMBERS else "")
        return verdict.row(name, taken, pages, levels=0 if job.counts_by == MEMBERS else verdict.LEVELS)

    def _backlog_rounds(self, service: str, names: list[str]) -> dict[str, list[dict[str, list[Run]]]]:
        """Do both backlogs some times, in turns, each time in databases as they were filled; return all runs."""
        done: dict[str, list[dict[str, list[Run]]]] = {size: [] for size in SIZES}
        with self.stand.kept(service):
            for turn in range(1 if self.is_short else ROUNDS):
                for size in SIZES if turn % 2 else reversed(SIZES):
                    self.stand.restore(service, size)
                    done[size].append(self._until_idle(service, names, size))
        return done

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

    def _command_row(self, service: str, arguments: list[str]) -> Row:
        def measure(more: int) -> Row:
            self.pages.begin(service)
            taken = in_turns(partial(self._command, service, arguments), more, first=0)
            per = {size: [seconds / self.data.members(size) for seconds in found] for size, found in taken.items()}
            pages = {size: self.pages.read(service, size) / more / self.data.members(size) for size in SIZES}
            return verdict.row(f"{service}: {arguments[0]}, per member", per, pages, levels=0)

        return self._confirmed(measure)

    def _command(self, service: str, arguments: list[str], size: str) -> float:
        begun = time.perf_counter()
        self.stand.manage(service, size, *arguments)
        return time.perf_counter() - begun


def _busy(runs: list[Run]) -> list[Run]:
    return [run for run in runs if run.handled]


def _work_row(name: str, rounds: dict[str, list[list[Run]]]) -> Row:
    """Return a row of each thing that some rounds handled."""
    handled = {size: [sum(run.handled for run in one) for one in found] for size, found in rounds.items()}
    taken = {size: _each(found, handled[size], lambda run: run.seconds) for size, found in rounds.items()}
    pages = {size: median(_each(found, handled[size], lambda run: run.pages)) for size, found in rounds.items()}
    done = " and ".join(f"{handled[size][0]:,}" for size in SIZES)
    return verdict.row(name, taken, pages, levels=0, more=f"; {done} of them")


def _each(rounds: list[list[Run]], handled: list[int], of: Callable[[Run], float]) -> list[float]:
    return [sum(map(of, one)) / count for one, count in zip(rounds, handled, strict=True)]
