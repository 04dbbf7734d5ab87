"""Liveness of processes that serve no HTTP: they touch a file, and a health check looks at its age."""

import os
import sys
import time
from pathlib import Path


def beat() -> None:
    """Touch the file that `ALIVE_FILE` names; without it, do nothing."""
    if path := os.environ.get("ALIVE_FILE"):
        Path(path).touch()


def is_wanted() -> bool:
    """Tell whether this process has a file to touch."""
    return bool(os.environ.get("ALIVE_FILE"))


def last_beat() -> float:
    """Return when the file was last touched, in seconds of the system's clock; 0.0 when it never was."""
    try:
        return Path(os.environ["ALIVE_FILE"]).stat().st_mtime
    except FileNotFoundError:
        return 0.0


def is_alive(path: str, *, within_seconds: float) -> bool:
    """Tell whether the file was touched lately."""
    try:
        return time.time() - Path(path).stat().st_mtime < within_seconds
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    sys.exit(0 if is_alive(sys.argv[1], within_seconds=float(sys.argv[2])) else 1)
