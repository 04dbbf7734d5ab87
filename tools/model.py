"""Plays the model of the points ledger for as long as you like: `python -m tools.model --runs 2000 --seed 7`.

Each run is so many random operations beside a simple reference model, with the full proof after each step: of the rules
on values by Hypothesis, then on a real database (services/points/tests/model). Between the two, three times as many
campaigns with budgets. The seed is printed; the same seed plays the same.
"""

import argparse
import secrets
import sys

from tools.run_tests import run

PLAYED = ("tests/model/test_rules.py", "tests/model/test_campaign_budgets.py", "tests/model/test_database.py")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    options = parser.parse_args()
    print(f"{options.runs} runs of {options.steps} steps, seed {options.seed}", flush=True)
    sizes = [f"--model-{name}={getattr(options, name)}" for name in ("runs", "steps", "seed")]
    sizes += [f"--model-runs-of-rules={options.runs}", "--model-proof-every=1"]
    sys.exit(run("points", ["-q", *PLAYED, *sizes]))


if __name__ == "__main__":
    main()
