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
from bench.requests import Wish
from bench.stage import NOOP_POST, Stage, set_up, stack
from tools.demo.caller import wait_for
from tools.drills.databases import Databases
from tools.stack.cli import status
from tools.target import Native

TICKS = os.sysconf("SC_CLK_TCK")
WISHES: dict[str, Callable[[Stage], Sequence[Wish]]] = {
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
        spent = {name: _spent(target, WISHES[name](stage), seconds) for name in names}
    lines = sorted({process for each in spent.values() for process in each}, key=lambda one: -_most(spent, one))
    print("".join([f"{'ms of processor for each request':36}", *(f"{name:>10}" for name in names)]))
    for process in lines:
        print("".join([f"{process:36}", *(f"{spent[name].get(process, 0):>10.2f}" for name in names)]))


def _most(spent: dict[str, dict[str, float]], process: str) -> float:
    return max(each.get(process, 0) for each in spent.values())


def _spent(target: Native, wishes: Sequence[Wish], seconds: float) -> dict[str, float]:
    """Load the stack and return the milliseconds that each process spent on one request, those under 0.02 left out."""
    load(target.url, wishes, seconds=1)
    _drained(target)
    before = _ticks(target)
    measured = load(target.url, wishes, seconds=seconds)
    _drained(target)
    requests = measured.rate * seconds
    used = {name: (ticks - before[name]) / TICKS * 1000 / requests for name, ticks in _ticks(target).items()}
    return {"total": sum(used.values()), **{name: ms for name, ms in used.items() if ms > 0.02}}


def _drained(target: Native) -> None:
    databases = Databases(target)
    waiting = lambda: sum(databases.waiting(name) for name in ("auth", "points", "payments"))  # noqa: E731
    wait_for(waiting, 0, "messages that wait", seconds=120)


def _ticks(target: Native) -> Counter[str]:
    """Return the ticks of processor time that each process of the stack has used with all that it forked."""
    known = {one["pid"]: name for name, one in status(target.state)["processes"].items()}
    parents, ticks, found = {}, {}, Counter[str]()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended meanwhile
        parents[int(folder.name)], ticks[int(folder.name)] = int(fields[1]), sum(map(int, fields[11:13]))
    for pid, used in ticks.items():
        if owner := next((known[one] for one in _line(pid, parents) if one in known), None):
            found[_part(owner, pid)] += used
    return found


def _line(pid: int, parents: dict[int, int]) -> list[int]:
    line = [pid]
    while line[-1] in parents:
        line.append(parents[line[-1]])
    return line


def _part(owner: str, pid: int) -> str:
    """Name a database server's process by the role and database it serves, as PostgreSQL's own title says."""
    title = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").split("(")[0].split()
    return f"{owner} {' '.join(title[1:3])}" if title[:1] == ["postgres:"] else owner


if __name__ == "__main__":
    main(sys.argv[1:] or list(WISHES))
