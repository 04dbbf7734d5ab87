"""How long the model is played: `make model` asks for more than the tests of every day do."""

import random
from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Size:
    """So many runs of so many steps; the same seed plays the same."""

    runs: int
    steps: int
    seed: int


@pytest.fixture
def size(request: pytest.FixtureRequest) -> Size:
    """The size that was asked for; the seed is printed where a test fails."""
    ask = request.config.getoption
    chosen = ask("--model-seed")
    found = Size(ask("--model-runs"), ask("--model-steps"), random.randrange(10**6) if chosen is None else chosen)
    print(f"the same again: make model o='--runs {found.runs} --steps {found.steps} --seed {found.seed}'")
    return found
