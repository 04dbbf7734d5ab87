"""The operations on the real database beside the reference model: all balances after each step, and the whole proof."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction

from points.ledger.posting import engine
from points.programmes.queries import MEMORY
from tests.model.conftest import Size
from tests.model.database import DatabaseLedger
from tests.model.machine import play


@contextmanager
def undone() -> Iterator[None]:
    """Leave nothing behind of what is written inside."""
    MEMORY.invalidate()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    MEMORY.invalidate()


@pytest.mark.django_db
def test_the_ledger_agrees_with_the_reference_model_after_each_step(
    size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    for run in range(size.seed, size.seed + size.runs):
        print(f"run with seed {run}")
        with undone(), monkeypatch.context() as each:
            if run % 2:
                _take_short_lists_for_long_ones(each)
            play(DatabaseLedger(), steps=size.steps, seed=run, proof_every=size.proof_every)


def _take_short_lists_for_long_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the lists of the model go the way of lists of thousands: in pieces, of which PostgreSQL writes one while the
    next is decided."""
    monkeypatch.setattr(engine, "PIECE", 3)
