"""`python -m bench.budget [earn redeem pay balance noop]`: which process spends how much on one request.

Prints milliseconds of processor time for each process and request, of the running stack of `$STACK_STATE` or of one of
its own, from the first request until all messages of the load have arrived.
"""

import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.load import load
from bench.requests import Request
from bench.stage import NOOP_POST, Stage, drained, set_up, stack
from tools.stack.cli import status
from tools.target import Native

TICKS = os.sysconf("SC_CLK_TCK")
REQUESTS: dict[str, Callable[[Stage], Sequence[Request]]] = {
    "noop": lambda _: NOOP_POST,
    "balance": Stage.balance,
    "earn": Stage.earn,
    "redeem": Stage.redeem,
    "pay": Stage.pay,
}


def main(names: Sequence[str]) -> None:
    seconds = float(os.environ.get("BENCH_SECONDS", "5"))
    with stack() as target:
        stage = set_up(target)
        spent = {name: spent_on(target, REQUESTS[name](stage), seconds) for name in names}
    lines = sorted({process for each in spent.values() for process in each}, key=lambda one: -_most(spent, one))
    print("".join([f"{'ms of processor for each request':36}", *(f"{name:>10}" for name in names)]))
    for process in lines:
        print("".join([f"{process:36}", *(f"{spent[name].get(process, 0):>10.2f}" for name in names)]))


def _most(spent: dict[str, dict[str, float]], process: str) -> float:
    return max(each.get(process, 0) for each in spent.values())


def spent_on(target: Native, requests: Sequence[Request], seconds: float) -> dict[str, float]:
    """Load the stack and return the milliseconds that each process spent on one request, those under 0.02 left out."""
    load(target.url, requests, seconds=max(1, seconds / 2))
    drained(target)
    before = _ticks(target)
    measured = load(target.url, requests, seconds=seconds)
    drained(target)
    count = measured.rate * seconds
    used = {name: (ticks - before[name]) / TICKS * 1000 / count for name, ticks in _ticks(target).items()}
    return {"total": sum(used.values()), **{name: ms for name, ms in used.items() if ms > 0.02}}


def _ticks(target: Native) -> Counter[str]:
    """Return the ticks of processor time that each process of the stack has used with all that it forked."""
    known = {one["pid"]: name for name, one in status(target.state)["processes"].items()}
    seen = {int(folder.name): _seen(folder) for folder in Path("/proc").glob("[0-9]*")}
    found = Counter[str]()
    for pid, (_, used, title) in seen.items():
        if owner := next((known[one] for one in _line(pid, seen) if one in known), None):
            found[f"{owner} {title}".strip()] += used
    return found


def _seen(folder: Path) -> tuple[int, int, str]:
    """Return a process's parent, its ticks, and the role and database that it serves where it is PostgreSQL's."""
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        title = (folder / "cmdline").read_text().replace("\0", " ").split("(")[0].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0, 0, ""  # it ended meanwhile
    return int(fields[1]), sum(map(int, fields[11:13])), " ".join(title[1:3]) if title[:1] == ["postgres:"] else ""


def _line(pid: int, seen: dict[int, tuple[int, int, str]]) -> list[int]:
    line = [pid]
    while line[-1] in seen:
        line.append(seen[line[-1]][0])
    return line


if __name__ == "__main__":
    main(sys.argv[1:] or list(REQUESTS))
