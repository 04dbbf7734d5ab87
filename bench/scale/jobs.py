"""The rows of jobs: each entry of each service's schedule, and the commands that read everything.

What a job finds to do at first is ten times as much in the large size, and counts per thing that it handled. Then it
runs again: a job that sums up what is there counts per member, and one that finds nothing to do per run.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bench.scale.published import Published

RUN, MEMBERS = "run", "member"
# Once there is nothing to do: per run, or per member whose rows of this day they look at. Every job stands here.
AGAIN: Mapping[str, Mapping[str, str]] = {
    "auth": {"purge-keys": RUN, "purge-sessions": RUN},
    "points": {
        "close-due-pending": RUN,
        "count-lot-ends": RUN,
        "expire-holds": RUN,
        "expire-points": RUN,
        "give-birthdays": RUN,
        "judge-tiers": RUN,
        "purge-failed-attempts": RUN,
        "purge-imports": RUN,
        "purge-segments": RUN,
        "seal-blocks": RUN,
        "publish-day-totals": RUN,
        "publish-expiring-points": RUN,
        "tell-tiers-expiring": RUN,
    },
    "payments": {
        "cancel-unpaid-intents": RUN,
        "resolve-attempts": RUN,
        "resolve-refunds": RUN,
        "resolve-topups": RUN,
        "publish-day-totals": RUN,
    },
    "warehouse": {"partitions": RUN, "reconcile": MEMBERS, "reconcile-again": MEMBERS, "reconcile-all": MEMBERS},
}
OF_ALL = {"answer-clock": RUN, "purge": RUN, "compare-messages": MEMBERS, "compare-all-messages": MEMBERS}
COMMANDS = (
    ("points", "verify_ledger"),
    ("payments", "verify_ledger"),
    ("warehouse", "rebuild_facts --from {today} --to {today}"),
)


@dataclass(frozen=True)
class Job:
    """A periodic job, and what its runs are counted by once there is little to do."""

    service: str
    name: str
    counts_by: str


@dataclass(frozen=True)
class Run:
    """One run of a job: how long, how many pages it read, and how many things it handled."""

    seconds: float
    pages: int
    handled: int


def rows(service: str, published: Published) -> Iterator[Job]:
    """Yield the jobs of a service."""
    for name in published.jobs:
        yield Job(service, name, {**OF_ALL, **AGAIN[service]}[name])


def lacking(published: Mapping[str, Published]) -> list[str]:
    """Tell which periodic jobs have no row, and which rows no job."""
    known = {(service, name) for service in published for name in {**OF_ALL, **AGAIN[service]}}
    there = {(service, name) for service, found in published.items() for name in found.jobs}
    return [
        *(f"{service}: the periodic job {name!r} has no row (bench/scale/jobs.py)" for service, name in there - known),
        *(f"{service}: there is no periodic job {name!r}" for service, name in known - there),
    ]


def runs_of(printed: str) -> dict[str, list[Run]]:
    """Return what `run_job` printed, by the names of the jobs."""
    found: dict[str, list[Run]] = {}
    for line in printed.splitlines():
        if line.startswith("{"):
            one = json.loads(line)
            found.setdefault(one["job"], []).append(Run(one["seconds"], one["pages"], _handled(one["result"])))
    return found


def _handled(result: object) -> int:
    """Return how many things a job says that it handled: a number, or the largest of the counts it gives."""
    if isinstance(result, dict):
        return max([0, *(value for name, value in result.items() if isinstance(value, int) and name != "points")])
    return result if isinstance(result, int) else 0
