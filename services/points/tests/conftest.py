"""Fixtures of the points service's tests; the roles come from shared.testing.plugin."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from points.budgets import queries as budgets
from points.earning import queries as earning
from points.programmes import queries
from points.programmes.queries import MEMORY
from points.tiers.queries import schemes
from tests.factories import AT

pytest_plugins = ["shared.testing.plugin"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """How long the model of the ledger is played on the database, and with which dice (tests/model)."""
    parser.addoption("--model-runs", type=int, default=8)
    parser.addoption("--model-runs-of-rules", type=int, default=100)
    parser.addoption("--model-steps", type=int, default=200)
    parser.addoption("--model-seed", type=int, default=None)
    parser.addoption("--model-proof-every", type=int, default=4)


@pytest.fixture(autouse=True)
def _fresh_programmes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let every test read programmes and their rules anew, and once: how many statements a request has must not depend
    on the machine."""
    monkeypatch.setattr(queries, "_MEMORY_SECONDS", 3600.0)
    monkeypatch.setattr(earning, "_MEMORY_SECONDS", 3600.0)
    monkeypatch.setattr(budgets, "_MEMORY_SECONDS", 3600.0)
    monkeypatch.setattr(schemes, "_MEMORY_SECONDS", 3600.0)
    for memory in (MEMORY, earning.MEMORY, budgets.MEMORY, schemes.MEMORY):
        memory.invalidate()
    yield
    for memory in (MEMORY, earning.MEMORY, budgets.MEMORY, schemes.MEMORY):
        memory.invalidate()


@pytest.fixture(autouse=True)
def _soon_after_the_postings() -> Iterator[None]:
    """Run every test in the week of its postings: which lots are open must not depend on today's date."""
    with time_machine.travel(AT + timedelta(days=3)):
        yield
