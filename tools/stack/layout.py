"""Where things are: the repository, its services, and the folder that holds one running stack's state."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV_BIN = Path(sys.executable).parent
PACKAGES = {"auth": "identity", "points": "points", "payments": "payments", "warehouse": "warehouse"}
# Two PostgreSQL servers, as in compose: the warehouse's reports cannot slow the ledgers down.
DATABASE_SERVERS = {"db": ("auth", "points", "payments"), "warehouse-db": ("warehouse",)}


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
    def status_file(self) -> Path:
        return self.folder / "status.json"

    def make(self) -> None:
        """Makes the folders."""
        for folder in (self.folder, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
