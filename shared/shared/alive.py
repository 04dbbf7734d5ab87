"""Liveness of processes that serve no HTTP: they touch a file, and a health check looks at its age."""

import os
import sys
import time
from pathlib import Path


def beat() -> None:
    """Touch the file that `ALIVE_FILE` names; without it, do nothing."""
    if path := os.environ.get("ALIVE_FILE"):
        Path(path).touch()


def is_alive(path: str, *, within_seconds: float) -> bool:
    """Tell whether the file was touched lately."""
    try:
        return time.time() - Path(path).stat().st_mtime < within_seconds
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    sys.exit(0 if is_alive(sys.argv[1], within_seconds=float(sys.argv[2])) else 1)
