"""What the stack takes, by kind of process."""

import json
import os
import time
from collections.abc import Callable

import pytest

from tools import run
from tools.stack import usage
from tools.stack.layout import State
from tools.stack.process import Process
from tools.stack.supervisor import Supervisor

pytestmark = pytest.mark.skipif(not usage.is_known(), reason="only Linux tells what processes take")
# As a server of PostgreSQL does: its child leads a group of its own. It ends when its parent does.
HAS_CHILD = (
    "import os, pathlib, signal, sys; held, (end, life), report = bytearray(20_000_000), os.pipe(), os.pipe();"
    "os.fork() or (os.close(life), os.setsid(), os.write(report[1], b'x'), os.read(end, 1), os._exit(0));"
    "os.read(report[0], 1); pathlib.Path(sys.argv[1]).touch(); signal.pause()"
)


def test_every_process_counts_for_the_kind_it_descends_from(
    supervisor: Supervisor, sleeper: Callable[..., Process], state: State
) -> None:
    supervisor.start(
        [sleeper("auth-worker", program=HAS_CHILD), sleeper("points-worker"), sleeper("warehouse-db"), sleeper("db")]
    )
    report = json.loads(state.status_file.read_text())
    # The tests' own process is the supervisor here; whatever else it has started is no part of the stack.
    kinds = usage.usage(report, seconds=0.01)
    assert {kind: kinds[kind].processes for kind in ("worker", "db")} == {"worker": 3, "db": 2}
    assert kinds["worker"].memory > 20_000_000
    assert kinds["supervisor"].processes >= 1


def test_processor_time_is_what_the_system_says_of_a_process() -> None:
    before = time.process_time()
    assert before - 0.05 <= usage._cpu_seconds(os.getpid()) <= time.process_time() + 0.05


def test_one_that_has_ended_takes_nothing() -> None:
    assert (usage._pss(2**22 + 1), usage._cpu_seconds(2**22 + 1)) == (0, 0.0)


def test_the_table_begins_with_the_largest_and_ends_with_the_sum() -> None:
    kinds = {
        "beat": usage.Usage(4, 200_000_000, 0.01),
        "worker": usage.Usage(12, 500_400_000, 0.02),
        "db": usage.Usage(9, 1_000_000, 0.0, closed=8),
    }
    assert list(usage.table(kinds)) == [
        "KIND                   PROCESSES      MEMORY      CPU",
        "worker                        12      500 MB     2.0%",
        "beat                           4      200 MB     1.0%",
        "db                             9        1 MB     0.0%  and the memory of 8, which is closed to us",
        "all                           25      701 MB     3.0%  and the memory of 8, which is closed to us",
    ]


def test_ps_shows_it_natively(
    supervisor: Supervisor,
    sleeper: Callable[..., Process],
    state: State,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("STACK", "native")
    supervisor.start([sleeper("auth-beat")])
    supervisor.enter("up")
    assert run.ps(state) == 0
    printed = capsys.readouterr().out
    assert "the native stack is up" in printed
    assert [line.split()[:2] for line in printed.splitlines() if line.startswith("beat ")] == [["beat", "1"]]
