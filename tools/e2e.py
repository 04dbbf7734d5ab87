"""The journeys of tests-e2e/ against the stack that runs: `python -m tools.e2e [options of pytest]`.

They end with the count of the operations that were answered with a success, which fails where any is missing.
"""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from tools import answered
from tools.stack.layout import ROOT, VENV_BIN
from tools.target import Target, environment, make_operator, running

# Set by who has made a stack for the journeys alone: on any other they leave the time where it is.
CLOCK_MAY_MOVE = "CLOCK_MAY_MOVE"
MOVES = (answered.Operation("/api/v1/sandbox/clock", "POST"),)
# Journeys wait more than they work: three at a time keep two processors busy. What kills a process of the stack, or
# moves its time, has the stack to itself.
AT_ONCE = "3"
ALONE = "moves_clock or kills"
TOGETHER = ("-q", "--numprocesses", AT_ONCE, "--dist", "loadfile", "-m", f"not ({ALONE})")
ALL_OF_THEM = (TOGETHER, ("-q", "-m", ALONE))


def main(*options: str, copy_to: Path | None = None) -> int:
    """Runs them; what they print goes to a file as well when one is named. Returns the exit code of pytest.

    Without options every journey runs, several at a time, and an operation without a success makes it 1.
    """
    target = running()
    make_operator(target)
    # The journeys' requests have ids of their own in the gateway's log: not those of generated requests, which say
    # nothing of what works, and not those of anybody else on the same stack.
    request_ids = f"journey-{secrets.token_hex(4)}-"
    with (copy_to or Path(os.devnull)).open("w") as copy:
        runs = [options] if options else ALL_OF_THEM
        codes = [_play(target, some, request_ids, copy if copy_to else None) for some in runs]
        code = next(filter(None, codes), 0)
        lines, is_complete = _count(target, request_ids, is_whole=not options)
        _show((f"{line}\n" for line in lines), copy)
    return exit_code(code, is_complete=is_complete, is_whole=not options)


def exit_code(of_pytest: int, *, is_complete: bool, is_whole: bool) -> int:
    """A run of all journeys fails on an operation without a success; one of some journeys cannot have them all."""
    return of_pytest or int(is_whole and not is_complete)


def _play(target: Target, options: tuple[str, ...], request_ids: str, copy: TextIO | None) -> int:
    process = subprocess.Popen(
        [str(VENV_BIN / "python"), "-m", "pytest", *options],
        cwd=ROOT / "tests-e2e",
        env={**os.environ, **environment(target), "REQUEST_IDS": request_ids},
        stdout=subprocess.PIPE if copy else None,
        text=True,
    )
    if process.stdout and copy:
        _show(process.stdout, copy)
    return process.wait()


def _count(target: Target, request_ids: str, *, is_whole: bool) -> tuple[list[str], bool]:
    left_out = () if CLOCK_MAY_MOVE in os.environ else MOVES
    published = answered.Published.of(answered.schemas(target.url), left_out=left_out)
    found = answered.await_answered(published, lambda: target.log("gateway"), request_ids)
    return answered.report(published, found, is_whole=is_whole), found == published.operations


def _show(lines: Iterable[str], copy: TextIO) -> None:
    for line in lines:
        print(line, end="", flush=True)
        copy.write(line)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
