"""The journeys of tests-e2e/ against the stack that runs: `python -m tools.e2e [options of pytest]`."""

import os
import subprocess
import sys

from tools.stack.layout import ROOT, VENV_BIN
from tools.target import environment, make_operator, running


def main(*options: str) -> int:
    target = running()
    make_operator(target)
    command = [str(VENV_BIN / "python"), "-m", "pytest", *(options or ("-q",))]
    return subprocess.run(command, cwd=ROOT / "tests-e2e", env={**os.environ, **environment(target)}).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
