"""The rules on values beside the reference model, played by Hypothesis; no database."""

import pytest

from tests.model.conftest import Size
from tests.model.machine import LedgerMachine
from tests.model.search import search
from tests.model.values import ValuesLedger

STEPS = 200


class RulesMachine(LedgerMachine):
    make_ledger = ValuesLedger


def test_the_rules_agree_with_the_reference_model_after_each_step(size: Size, request: pytest.FixtureRequest) -> None:
    runs = request.config.getoption("--model-runs-of-rules")
    search(RulesMachine, runs=runs, steps=STEPS, chosen=size.seed)
