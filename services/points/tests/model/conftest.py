"""How long the model is played: `make model` asks for more than the tests of every day do."""

import os
import random
from dataclasses import dataclass

import pytest

# What a gate plays, so that it says of one state of the code the same each time; everybody else plays at random.
SEED_OF_CI = 20_261


@dataclass(frozen=True)
class Size:
    """So many runs of so many steps; the same seed plays the same.

    The proof takes three quarters of a step on a database: the gate has it after each fourth.
    """

    runs: int
    steps: int
    seed: int
    proof_every: int


@pytest.fixture
def size(request: pytest.FixtureRequest) -> Size:
    """The size that was asked for; the seed is printed where a test fails."""
    ask = request.config.getoption
    chosen = ask("--model-seed")
    if chosen is None:
        chosen = SEED_OF_CI if os.environ.get("CI") else random.randrange(10**6)
    found = Size(ask("--model-runs"), ask("--model-steps"), chosen, ask("--model-proof-every"))
    print(f"the same again: make model o='--runs {found.runs} --steps {found.steps} --seed {found.seed}'")
    return found
