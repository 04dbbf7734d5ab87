"""What the supervisor knows of a process it runs, and the identity by which a process is found again."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.stack.layout import ROOT


@dataclass(frozen=True)
class Process:
    """A process to keep running. Lower stages start first, wait until they are ready, and stop last."""

    name: str
    stage: int
    command: tuple[str, ...]
    ready: Callable[[], bool]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path = ROOT
    stop_signal: int = signal.SIGTERM
    grace_seconds: float = 20
    ready_seconds: float = 90
    as_user: Mapping[str, Any] = field(default_factory=dict)
    port: int | None = None
    # `ready` itself is answered by this process alone; else whoever listens on its port may be another stack's.
    proves_itself: bool = False


@dataclass(frozen=True)
class Identity:
    """A process id together with its start time: ids are used again, the pair is not."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> "Identity":
        return cls(pid, start_time(pid))

    def lives(self) -> bool:
        """Whether exactly this process is still there."""
        return bool(self.started) and start_time(self.pid) == self.started

    def signal(self, number: int, *, group: bool = False) -> None:
        """Signals this process, or its whole group, unless it has ended."""
        if self.lives():
            # It may end in between, which is what a signal is for.
            with contextlib.suppress(ProcessLookupError):
                (os.killpg if group else os.kill)(self.pid, number)

    def kill_group(self) -> None:
        """Ends by force what is left of the group once its leader is gone."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)


def start_time(pid: int) -> str:
    """When this process started, in the system's own words; empty when there is none (or only its remains)."""
    stat = Path(f"/proc/{pid}/stat")
    if not Path("/proc/self/stat").exists():
        listed = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True).stdout
        return "" if listed.startswith("Z") else listed.strip().partition(" ")[2].strip()
    try:
        # The second field, the command's name, may hold blanks and parentheses itself.
        fields = stat.read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return "" if fields[0] == "Z" else fields[19]
