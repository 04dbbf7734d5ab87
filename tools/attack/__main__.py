"""`python -m tools.attack [--short] [--seed N] [--only NAME,…] [--list]`; fails when anything gets through."""

import argparse
import secrets
import sys
import time
from collections.abc import Sequence

from tools.attack import authorisation, flooding, guessing, minting, races, squatting, storms, tokens, trickle
from tools.attack.catalogue import PROBES, Probe
from tools.attack.ground import stack
from tools.attack.running import Run

# In the order in which their probes run.
MODULES = (authorisation, tokens, storms, races, guessing, squatting, minting, trickle, flooding)


def chosen(only: Sequence[str]) -> list[Probe]:
    """Return the probes that are named, in the order in which they run; all where none is."""
    order = [module.__name__ for module in MODULES]
    probes = sorted(PROBES.values(), key=lambda one: order.index(one.run.__module__))
    return [one for one in probes if not only or one.name in only]


def run(probes: Sequence[Probe], *, seed: int, is_short: bool) -> int:
    """Run probes on a fresh stack; return the exit code."""
    begun = time.monotonic()
    with stack() as target:
        print(f"{len(probes)} probes, seed {seed}; the stack was ready after {time.monotonic() - begun:.0f} s")
        failed = Run(target, seed, is_short).all(probes)
        print(f"{len(failed)} failed; seed {seed}; {time.monotonic() - begun:.0f} s in all", flush=True)
    if failed:
        again = f"{'--short ' if is_short else ''}--seed {seed} --only {','.join(failed)}"
        print(f'repeat it by: make attack o="{again}"; the logs are in {target.state.logs}')
    return int(bool(failed))


def main() -> int:
    parser = argparse.ArgumentParser(prog="make attack", description=__doc__)
    parser.add_argument("--short", action="store_true", help="fewer of each, in three minutes at most")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="repeats what a run did")
    parser.add_argument("--only", type=lambda text: text.split(","), default=[], help="names, separated by commas")
    parser.add_argument("--list", action="store_true", help="say what there is")
    options = parser.parse_args()
    if unknown := set(options.only) - PROBES.keys() - {"proofs"}:
        parser.error(f"no such probe: {', '.join(sorted(unknown))}; there are {', '.join(PROBES)}")
    probes = chosen(options.only)
    if options.list:
        print("\n".join(f"{one.name:28}{one.promise}" for one in probes))
        return 0
    return run(probes, seed=options.seed, is_short=options.short)


if __name__ == "__main__":
    sys.exit(main())
