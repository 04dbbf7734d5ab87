"""Commands on the native stack: `python -m tools.stack.cli up|down|ps|logs`."""

import json
import os
import subprocess
import sys
import time
from signal import SIGTERM
from typing import Any, TextIO

from tools.stack.layout import ROOT, State, open_log
from tools.stack.process import Identity
from tools.stack.supervisor import end_leftovers, leftovers

GONE = {"phase": "down", "processes": {}}
STOP_SECONDS = 90


def status(state: State) -> dict[str, Any]:
    """What the supervisor last wrote; "down" when it is not there any more."""
    if not state.status_file.exists():
        return GONE
    report: dict[str, Any] = json.loads(state.status_file.read_text())
    return report if Identity(**report["supervisor"]).lives() else {**report, "phase": "down"}


def is_up(state: State) -> bool:
    return bool(status(state)["phase"] == "up")


def up(state: State) -> int:
    """Starts the stack where it is not running, shows the progress, and returns 0 once all of it is ready."""
    phase = status(state)["phase"]
    if phase == "up":
        print("the stack is up already")
        return 0
    state.make()
    open_log(state.logs / "supervisor.log").close()
    with open(state.logs / "supervisor.log") as log:
        log.seek(0, os.SEEK_END)
        return _follow(state, log, _start_daemon(state) if phase == "down" else None)


def _follow(state: State, log: TextIO, daemon: "subprocess.Popen[bytes] | None") -> int:
    """Prints the supervisor's words until the stack is up or has failed; Ctrl-C stops what was started."""
    try:
        while True:
            settled = _settled(state, daemon)
            print(log.read(), end="", flush=True)
            if settled is not None:
                return settled
            time.sleep(0.2)
    except KeyboardInterrupt:
        print("stopping what was started")
        down(state)
        return 130


def _settled(state: State, daemon: "subprocess.Popen[bytes] | None") -> int | None:
    """The exit code of `up`, or None while the supervisor is still starting."""
    report = status(state)
    if daemon is not None and report.get("supervisor", {}).get("pid") != daemon.pid:
        return daemon.poll()  # it has not written its status yet
    if report["phase"] == "starting":
        return None
    return 0 if report["phase"] == "up" else 1


def down(state: State) -> int:
    """Ends the supervisor, which ends everything else; then whatever a killed one left behind."""
    report = status(state)
    if report["phase"] != "down":
        supervisor = Identity(**report["supervisor"])
        supervisor.signal(SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while supervisor.lives() and time.monotonic() < deadline:
            time.sleep(0.1)
        if supervisor.lives():
            print(f"the supervisor (process {supervisor.pid}) does not end; see {state.logs / 'supervisor.log'}")
            return 1
    left = end_leftovers(state)
    print("the stack is down" + (f"; {left} processes were left over and are ended" if left else ""))
    return 0


def ps(state: State) -> int:
    """Prints a line for each process."""
    report = status(state)
    left = len(leftovers(state)) if report["phase"] == "down" else 0
    advice = f"; {left} processes are left over: {state.typed('down')} ends them" if left else ""
    print(f"the native stack is {report['phase']}{advice}")
    if report["phase"] == "down":
        return 0
    print(f"{'PROCESS':22}{'STATE':10}{'PID':>8}{'PORT':>8}{'RESTARTS':>10}  UP")
    for name, process in report["processes"].items():
        seconds = int(time.time()) - process["since"]
        port = process["port"] or ""
        print(
            f"{name:22}{process['state']:10}{process['pid']:>8}{port:>8}{process['restarts']:>10}  "
            f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        )
    return 0


def logs(state: State, part: str = "") -> int:
    """Shows the last lines of every log, or of those whose name has `part` in it, and follows them until Ctrl-C."""
    files = sorted(str(file) for file in state.logs.glob(f"*{part}*.log"))
    if not files:
        print(f"no log named *{part}* in {state.logs}")
        return 1
    try:
        return subprocess.run(["tail", "-n", "20", "-F", *files]).returncode
    except KeyboardInterrupt:
        return 0


def _start_daemon(state: State) -> "subprocess.Popen[bytes]":
    with open_log(state.logs / "supervisor.log") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "tools.stack.daemon"],
            cwd=ROOT,
            env={**os.environ, "STACK_STATE": str(state.folder)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


COMMANDS = {"up": up, "down": down, "ps": ps, "logs": logs}

if __name__ == "__main__":
    sys.exit(COMMANDS[sys.argv[1]](State.default(), *sys.argv[2:]))
