"""Starts processes stage by stage, starts again what dies, and stops all in the opposite order."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from tools.stack.layout import State, open_log
from tools.stack.listening import listens
from tools.stack.process import Identity, Process

POLL_SECONDS = 0.1
FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0
# A process that ran this long had no trouble at its start: its next death is a new story.
SETTLED_SECONDS = 60.0
NOBODY = Identity(0, "")


class NotReady(RuntimeError):
    """A process did not become ready; the text says which, and ends with its last lines."""


@dataclass
class Child:
    """A process as it runs now."""

    process: Process
    log: Path
    popen: "subprocess.Popen[bytes] | None" = None
    identity: Identity = NOBODY
    restarts: int = 0
    failures: int = 0
    started_at: float = 0.0
    restart_at: float | None = None
    ready: bool = False

    def start(self) -> None:
        """Starts it in a group of its own, so that the terminal's Ctrl-C does not reach it past us."""
        with open_log(self.log) as log:
            self.popen = subprocess.Popen(
                self.process.command,
                cwd=self.process.cwd,
                env={**_inherited(), **self.process.env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self.process.as_user,
            )
        self.identity = Identity.of(self.popen.pid)
        self.started_at, self.restart_at, self.ready = time.monotonic(), None, False

    def ended(self) -> bool:
        return self.popen is None or self.popen.poll() is not None

    def is_ready(self) -> bool:
        """Whether it answers, and it is this process that does, not another that has its port."""
        return self.process.ready() and not self.ended() and self._has_its_port()

    def _has_its_port(self) -> bool:
        port = self.process.port
        # It leads the group of all processes that it starts (`start_new_session`).
        return port is None or self.process.proves_itself or listens(self.identity.pid, port)

    def failure(self, what: str, *, lines: int = 15) -> NotReady:
        """The error that says what became of it, with its last lines."""
        words = "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        return NotReady(f"{self.process.name} {what}; {self.log} ends with:\n{words}")


@dataclass
class Supervisor:
    """Runs the processes of one state folder; its status file says what runs, for `ps` and `down`."""

    state: State
    say: Callable[[str], None] = print
    children: list[Child] = field(default_factory=list)
    phase: str = "starting"

    def start(self, processes: Iterable[Process]) -> None:
        """Starts the processes, each stage once the one before is ready.

        :raises NotReady: one ended, or was not ready in its time; what runs, runs on until `stop`.
        """
        for _, stage in groupby(sorted(processes, key=attrgetter("stage")), key=attrgetter("stage")):
            begun = [Child(process, self.state.logs / f"{process.name}.log") for process in stage]
            for child in begun:
                self.children.append(child)
                child.start()
                self.write_status()
            for child in begun:
                self._await_ready(child)
            for child in self.children:
                if child.ended():
                    raise child.failure("ended")
        self.write_status()

    def _await_ready(self, child: Child) -> None:
        deadline = time.monotonic() + child.process.ready_seconds
        while not child.is_ready():
            if child.ended():
                raise child.failure("ended")
            if time.monotonic() > deadline:
                raise child.failure(f"is not ready after {child.process.ready_seconds:.0f} s")
            time.sleep(POLL_SECONDS)
        child.ready = True
        self.say(f"{child.process.name} is ready" + (f" on port {child.process.port}" if child.process.port else ""))

    def watch(self) -> None:
        """Looks once after every process: notes deaths, and starts again what is due."""
        for child in self.children:
            if child.restart_at is None and child.ended():
                self._note_death(child)
            elif child.restart_at is not None and time.monotonic() >= child.restart_at:
                child.restarts += 1
                child.start()
                self.write_status()
            elif not child.ready and child.is_ready():
                child.ready = True
                self.write_status()

    def _note_death(self, child: Child) -> None:
        settled = time.monotonic() - child.started_at > SETTLED_SECONDS
        child.failures = 1 if settled else child.failures + 1
        delay = min(FIRST_DELAY * 2 ** (child.failures - 1), LONGEST_DELAY)
        child.restart_at, child.ready = time.monotonic() + delay, False
        child.identity.kill_group()
        code = child.popen.returncode if child.popen else None
        self.say(f"{child.process.name} ended with code {code}; starts again in {delay:.1f} s")
        self.write_status()

    def stop(self) -> None:
        """Ends all processes, the last stage first, each with its own signal and time; then by force."""
        self.enter("stopping")
        for _, stage in groupby(
            sorted(self.children, key=lambda child: -child.process.stage), key=lambda child: child.process.stage
        ):
            _end(list(stage))
        self.children.clear()
        self.enter("down")

    def enter(self, phase: str) -> None:
        """Notes how far the whole is: starting, up, stopping, down or failed."""
        self.phase = phase
        self.write_status()

    def write_status(self) -> None:
        """Replaces the status file in one step, so that a reader never sees half of it."""
        status = {
            "phase": self.phase,
            "supervisor": vars(Identity.of(os.getpid())),
            "processes": {child.process.name: _status(child) for child in self.children},
        }
        partial = self.state.status_file.with_suffix(".new")
        partial.write_text(json.dumps(status, indent=1))
        partial.replace(self.state.status_file)


def leftovers(state: State) -> list[Identity]:
    """What runs of the processes that the last supervisor wrote down: once it is gone, what it left behind."""
    if not state.status_file.exists():
        return []
    processes = json.loads(state.status_file.read_text())["processes"].values()
    return [identity for entry in processes if (identity := Identity(entry["pid"], entry["started"])).lives()]


def end_leftovers(state: State) -> int:
    """Ends what a supervisor that was killed left behind, by id and start time; returns how many there were."""
    left = leftovers(state)
    for number, patience in ((signal.SIGINT, 10.0), (signal.SIGKILL, 5.0)):
        for identity in left:
            identity.signal(number, group=True)
        _wait(lambda: not any(identity.lives() for identity in left), patience)
    return len(left)


def _end(children: list[Child]) -> None:
    for child in children:
        child.identity.signal(child.process.stop_signal)
    deadline = time.monotonic() + max(child.process.grace_seconds for child in children)
    _wait(lambda: all(child.ended() for child in children), deadline - time.monotonic())
    for child in children:
        if child.popen is not None and not child.ended():
            child.identity.signal(signal.SIGKILL, group=True)
            child.popen.wait()


def _wait(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS / 2)
    return True


def _status(child: Child) -> dict[str, object]:
    state = "waiting" if child.restart_at is not None else "ready" if child.ready else "starting"
    up_since = int(time.time() - (time.monotonic() - child.started_at))
    return {
        **vars(child.identity),
        "state": state,
        "restarts": child.restarts,
        "since": up_since,
        "port": child.process.port,
    }


def _inherited() -> dict[str, str]:
    """What every process gets from our own environment: no secret that happens to be there."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL", "TZ") if name in os.environ}
