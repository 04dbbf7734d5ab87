"""Faults of the processes of the native stack, each found by its id and start time, never by a name."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from signal import SIGCONT, SIGKILL, SIGSTOP, SIGTERM, Signals
from typing import Any

from tools.drills.waits import eventually, must
from tools.stack.cli import status
from tools.stack.layout import VENV_BIN
from tools.stack.process import Identity
from tools.target import Native


@dataclass(frozen=True)
class Processes:
    """What the supervisor runs, and the supervisor itself."""

    target: Native

    def identity(self, name: str) -> Identity:
        """Return a process as it runs now."""
        known = self._known(name)
        return Identity(known["pid"], known["started"])

    def children(self, name: str) -> list[Identity]:
        """Return the processes that this one has forked."""
        listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        pairs = [line.split() for line in listed.splitlines()]
        parent = str(self.identity(name).pid)
        return [Identity.of(int(pid)) for pid, its_parent in pairs if its_parent == parent]

    def kill(self, name: str, number: Signals = SIGKILL) -> None:
        """Signal a process, and with SIGKILL all that it forked."""
        self.identity(name).signal(number, group=number == SIGKILL)

    @contextmanager
    def frozen(self, *names: str) -> Iterator[None]:
        """Let processes stand still with all that they forked: their connections stay open and nobody answers."""
        with ExitStack() as thaw:
            for name in names:
                identity = self.identity(name)
                thaw.callback(identity.signal, SIGCONT, group=True)
                identity.signal(SIGSTOP, group=True)
            yield

    @contextmanager
    def down(self, name: str, number: Signals = SIGTERM) -> Iterator[None]:
        """End a process and keep the supervisor from starting it again while the block lasts; then wait for it."""
        victim, restarts = self.identity(name), self.restarts(name)
        with self._unwatched():
            victim.signal(number, group=number == SIGKILL)
            eventually(lambda: not victim.lives(), f"{name} ended")
            yield
        self.await_restart(name, restarts)

    @contextmanager
    def _unwatched(self) -> Iterator[None]:
        supervisor = Identity(**status(self.target.state)["supervisor"])
        supervisor.signal(SIGSTOP)
        try:
            yield
        finally:
            supervisor.signal(SIGCONT)

    def restarts(self, name: str) -> int:
        """Return how often the supervisor has started a process again."""
        return int(self._known(name)["restarts"])

    def await_restart(self, name: str, restarts: int) -> None:
        """Wait until a process was started again since then, and is ready."""
        eventually(lambda: self.restarts(name) > restarts and self._is_ready(name), f"{name} back")

    def await_all(self) -> None:
        """Wait until every process is ready."""
        eventually(lambda: all(map(self._is_ready, status(self.target.state)["processes"])), "everything is ready")

    def log(self, name: str) -> str:
        """Return what a process has written to its log."""
        return (self.target.state.logs / f"{name}.log").read_text(errors="replace")

    @contextmanager
    def second_relay(self, service: str) -> Iterator[None]:
        """Run another relay beside the service's own; it has to end by itself when it is asked to."""
        chosen = self.target.service(service)
        command = [str(VENV_BIN / "python"), "manage.py", "relay"]
        env = {"PATH": os.environ["PATH"], **chosen.env()}
        with open(self.target.state.logs / f"{service}-second-relay.log", "ab") as log:
            relay = subprocess.Popen(command, cwd=chosen.folder, env=env, stdout=log, stderr=log)
        try:
            yield
        finally:
            relay.terminate()
            code = relay.wait(60)
        must(code == 0, f"the second relay of {service} ended with {code}")

    def _known(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = status(self.target.state)["processes"][name]
        return found

    def _is_ready(self, name: str) -> bool:
        return bool(self._known(name)["state"] == "ready") and self.identity(name).lives()
