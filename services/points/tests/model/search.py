"""Playing the model, rules only: `python -m tests.model.search --runs 500 --steps 200 --seed 7` needs no database."""

import argparse
import random
import sys
import time
import traceback

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.machine import LedgerMachine, play

# What the command ends with when it found something; anything else that is not 0 means that it could not play.
DISAGREES = 3


def search(machine: type[LedgerMachine], *, runs: int, steps: int, chosen: int) -> None:
    """Let Hypothesis play so many runs of so many steps; the same seed plays the same.

    :raises AssertionError: the ledger and the reference model disagree, or an invariant does not hold; the steps that
        led there are printed.
    """
    run_state_machine_as_test(
        seed(chosen)(machine),
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )


def main() -> None:
    # Here, so that a copy of the rules that cannot be imported is no finding.
    from tests.model.values import ValuesLedger

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    began = time.monotonic()
    for run in range(options.seed, options.seed + options.runs):
        try:
            play(ValuesLedger(), steps=options.steps, seed=run)
        except Exception:  # whatever a bug makes of the rules; it is shown
            traceback.print_exc()
            sys.stdout.write(f"found by --runs 1 --steps {options.steps} --seed {run}\n")
            sys.exit(DISAGREES)
    sys.stdout.write(f"{options.runs} runs of {options.steps} steps in {time.monotonic() - began:.1f} s\n")


if __name__ == "__main__":
    main()
