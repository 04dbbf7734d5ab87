"""What the native stack takes of the machine, by kind of process: `python -m tools.stack.usage [seconds]` (Linux).

Memory is PSS: what processes share is divided among them, so that the sum is what the machine would have back.
"""

import os
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.stack.cli import status
from tools.stack.layout import State

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Usage:
    """What the processes of one kind take: bytes, and of one processor a part (1.0 is all of it).

    `closed` are those into whose memory we may not look, as root in a container with PostgreSQL's.
    """

    processes: int = 0
    memory: int = 0
    cpu: float = 0.0
    closed: int = 0

    def add(self, memory: int | None, cpu: float) -> None:
        """Adds a process."""
        self.processes += 1
        self.memory += memory or 0
        self.closed += memory is None
        self.cpu += cpu


def is_known() -> bool:
    """Whether this system tells it."""
    return (PROC / "self/smaps_rollup").exists()


def usage(report: Mapping[str, Any], *, seconds: float) -> dict[str, Usage]:
    """What each kind of process takes, watched for so long; `report` is the supervisor's status."""
    members = dict(_members(report))
    before = {pid: _cpu_seconds(pid) for pid in members}
    began = time.monotonic()
    time.sleep(seconds)
    elapsed = time.monotonic() - began
    kinds: dict[str, Usage] = {}
    for pid, kind in members.items():
        kinds.setdefault(kind, Usage()).add(_pss(pid), max(_cpu_seconds(pid) - before[pid], 0) / elapsed)
    return kinds


def table(kinds: Mapping[str, Usage]) -> Iterator[str]:
    """The lines to print, the largest kind first, with the sum."""
    every = [(used.processes, used.memory, used.cpu, used.closed) for used in kinds.values()]
    total = Usage(*(sum(column) for column in zip(*every, strict=True)))
    yield f"{'KIND':22}{'PROCESSES':>10}{'MEMORY':>12}{'CPU':>9}"
    for kind, used in [*sorted(kinds.items(), key=lambda item: -item[1].memory), ("all", total)]:
        more = f"  and the memory of {used.closed}, which is closed to us" if used.closed else ""
        yield f"{kind:22}{used.processes:>10}{used.memory / 1_000_000:>9.0f} MB{used.cpu:>9.1%}{more}"


def _members(report: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """Every process of the stack, with its kind: what it descends from. A server's own children lead other groups."""
    leaders = {process["pid"]: name.rpartition("-")[2] for name, process in report["processes"].items()}
    leaders[report["supervisor"]["pid"]] = "supervisor"
    parents = dict(_parents())
    for pid in parents:
        ancestor = pid
        while ancestor not in leaders and ancestor in parents:
            ancestor = parents[ancestor]
        if ancestor in leaders:
            yield pid, leaders[ancestor]


def _parents() -> Iterator[tuple[int, int]]:
    for folder in PROC.iterdir():
        if folder.name.isdigit() and (fields := _stat(int(folder.name))):
            yield int(folder.name), int(fields[1])


def _cpu_seconds(pid: int) -> float:
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / TICKS if fields else 0.0


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat behind the command's name; none where it has ended."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _pss(pid: int) -> int | None:
    """Bytes of memory; 0 where it has ended, None where we may not look."""
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    except PermissionError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def main(seconds: str = "60") -> int:
    report = status(State.default())
    if report["phase"] == "down" or not is_known():
        sys.exit("no native stack is up here" if is_known() else "this system does not tell what processes take")
    print(*table(usage(report, seconds=float(seconds))), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
