"""Does the model find bugs? Plants them one at a time in a copy of the package: `make mutants` prints a table.

A mutant is a piece of the rules' text and what is put in its place. Text that is not there any more, or is there twice,
is an error: the mutant must be written anew with the code it is about.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.model.bugs import MUTANTS
from tests.model.bugs.mutant import Mutant
from tests.model.search import DISAGREES

FOLDER = Path(__file__).parents[2]
RUNS, STEPS, SEED = 400, 160, 20260301


def is_found(mutant: Mutant | None) -> bool:
    """Play the model on a copy of the package with this bug, or with none; tell whether it found something.

    :raises StaleMutantError: the text to replace is not there exactly once.
    :raises RuntimeError: the copy does not even run.
    """
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(FOLDER / "points", f"{folder}/points", ignore=shutil.ignore_patterns("__pycache__"))
        if mutant:
            mutant.plant(Path(folder, "points"))
        options = ("--runs", str(RUNS), "--steps", str(STEPS), "--seed", str(SEED))
        command = (sys.executable, "-m", "tests.model.search", *options)
        # The copy's `points` is found first; `tests` is ours.
        env = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{FOLDER}", "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=300)
    if done.returncode not in (0, DISAGREES):
        raise RuntimeError(f"{mutant and mutant.name}: {done.stderr[-2000:]}")
    return done.returncode == DISAGREES


def main() -> None:
    """Print what became of each mutant; fail when one lives."""
    living = 0
    for mutant in [None, *MUTANTS]:
        began = time.monotonic()
        found = is_found(mutant)
        right = found == (mutant is not None)
        living += not right
        name = mutant.name if mutant else "no bug at all"
        verdict = "found" if found else "nothing found"
        print(
            f"{'ok    ' if right else 'FAILED'} {name:<50} {verdict:<14} {time.monotonic() - began:5.1f} s", flush=True
        )
    sys.exit(f"{living} of {len(MUTANTS)} are wrong" if living else 0)


if __name__ == "__main__":
    main()
