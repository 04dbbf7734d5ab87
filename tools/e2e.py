"""The journeys of tests-e2e/ against the stack that runs: `python -m tools.e2e [options of pytest]`."""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tools.stack.layout import ROOT, VENV_BIN
from tools.target import environment, make_operator, running


def main(*options: str, copy_to: Path | None = None) -> int:
    """Runs them; what they print goes to a file as well when one is named. Returns the exit code of pytest."""
    target = running()
    make_operator(target)
    command = [str(VENV_BIN / "python"), "-m", "pytest", *(options or ("-q",))]
    process = subprocess.Popen(
        command,
        cwd=ROOT / "tests-e2e",
        env={**os.environ, **environment(target)},
        stdout=subprocess.PIPE if copy_to else None,
        text=True,
    )
    if copy_to and process.stdout:
        _show_and_copy(process.stdout, copy_to)
    return process.wait()


def _show_and_copy(lines: Iterable[str], path: Path) -> None:
    with path.open("w") as copy:
        for line in lines:
            print(line, end="", flush=True)
            copy.write(line)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
