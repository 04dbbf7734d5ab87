"""`python -m tools.drills [--short] [--seed N] [--only NAME,…] [--list]`; fails when a drill does."""

import argparse
import secrets
import sys
import time
from collections.abc import Sequence

from tools.drills import deleting, killing, losing, moving, repeating, rotating, waiting
from tools.drills.catalogue import DRILLS, Drill
from tools.drills.ground import stack
from tools.drills.running import Run
from tools.drills.waits import DrillFailed
from tools.target import CannotAsk

# Imported for the drills that they add to the list.
MODULES = (losing, killing, repeating, waiting, deleting, rotating, moving)


def chosen(only: Sequence[str], *, is_short: bool) -> list[Drill]:
    """Return the drills that are named, in the order of the list; all of this form where none is."""
    return [one for one in DRILLS.values() if (one.name in only if only else one.in_short or not is_short)]


def run(drills: Sequence[Drill], *, seed: int, is_short: bool) -> int:
    """Run drills on a fresh stack; return the exit code."""
    begun = time.monotonic()
    with stack(is_short=is_short) as target:
        print(f"{len(drills)} drills, seed {seed}; the stack was ready after {time.monotonic() - begun:.0f} s")
        try:
            Run(target, seed, is_short).all(drills)
        except (DrillFailed, CannotAsk) as failure:
            again = f"--seed {seed}{' --short' if is_short else ''} --only NAME"
            print(f'\n{failure}\nrepeat it by: make drills o="{again}"; the logs are in {target.state.logs}')
            return 1
        finally:
            print(f"seed {seed}; {time.monotonic() - begun:.0f} s in all", flush=True)
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="make drills", description=__doc__)
    parser.add_argument("--short", action="store_true", help="seconds instead of minutes, and fewer drills")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="repeats what a run did")
    parser.add_argument("--only", type=lambda text: text.split(","), default=[], help="names, separated by commas")
    parser.add_argument("--list", action="store_true", help="say what there is")
    options = parser.parse_args()
    if unknown := set(options.only) - DRILLS.keys():
        parser.error(f"no such drill: {', '.join(sorted(unknown))}; there are {', '.join(DRILLS)}")
    drills = chosen(options.only, is_short=options.short)
    if options.list:
        print("\n".join(f"{one.name:22}{one.promise}" for one in drills))
        return 0
    return run(drills, seed=options.seed, is_short=options.short)


if __name__ == "__main__":
    sys.exit(main())
