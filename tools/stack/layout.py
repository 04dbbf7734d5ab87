"""Where things are: the repository, its services, and the folder that holds one running stack's state."""

import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

ROOT = Path(__file__).resolve().parents[2]
VENV_BIN = Path(sys.executable).parent
PACKAGES = {"auth": "identity", "points": "points", "payments": "payments", "warehouse": "warehouse"}
# Two PostgreSQL servers, as in compose: the warehouse's reports cannot slow the ledgers down.
DATABASE_SERVERS = {"db": ("auth", "points", "payments"), "warehouse-db": ("warehouse",)}
NATIVE, COMPOSE = "native", "compose"


def asked() -> str:
    """How `$STACK` says that the stack runs; empty where it says nothing.

    :raises SystemExit: it says something else.
    """
    wanted = os.environ.get("STACK", "")
    if wanted not in ("", NATIVE, COMPOSE):
        sys.exit(f"STACK={wanted}: it is either native or compose")
    return wanted


@dataclass(frozen=True)
class State:
    """The folder of one stack: data, logs, ports and process ids. Several may run side by side."""

    folder: Path

    @classmethod
    def default(cls) -> "State":
        """`$STACK_STATE`, else .run in the repository."""
        return cls(Path(os.environ.get("STACK_STATE", ROOT / ".run")).resolve())

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def env_file(self) -> Path:
        """The repository's .env for the stack in .run; a stack elsewhere has secrets of its own."""
        return ROOT / ".env" if self.folder == ROOT / ".run" else self.folder / ".env"

    @property
    def env_name(self) -> str:
        """The .env file as a person finds it: from the repository where it is inside."""
        return str(self.env_file.relative_to(ROOT) if self.env_file.is_relative_to(ROOT) else self.env_file)

    def typed(self, target: str) -> str:
        """What a person types for a target of make that is meant for this stack."""
        if self.folder == ROOT / ".run":
            return f"make {target}"
        return f"STACK_STATE={shlex.quote(str(self.folder))} make {target}"

    @property
    def status_file(self) -> Path:
        return self.folder / "status.json"

    def make(self) -> None:
        """Makes the folders."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.logs.mkdir(exist_ok=True)
        self.logs.chmod(0o700)


def open_log(file: Path) -> BinaryIO:
    """A log to append to, which only its owner reads: it names members' ids and what went wrong with whom."""
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.fchmod(descriptor, 0o600)
    return open(descriptor, "ab")
