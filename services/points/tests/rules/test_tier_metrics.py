"""How much purchases and events count for tiers; no database."""

from typing import Any

import pytest

from points.earning.rules.noted import Bought, Happened
from points.tiers.rules.metrics import MOST_OF_ONE, Events, FieldOfEvent, amount_left, amount_of
from shared.ids import new_id
from tests.factories import AT

RUNS, KM = Events(name="run"), FieldOfEvent(event="run", field="km")


def bought(amount: int) -> Bought:
    return Bought(new_id(), new_id(), new_id(), AT, amount)


def happened(name: str, **data: Any) -> Happened:
    return Happened(new_id(), new_id(), new_id(), AT, name, data)


@pytest.mark.parametrize(
    ("metric", "amount", "counts"),
    [
        ("spend", 450, 450), ("spend", 0, 0), ("spend", MOST_OF_ONE + 1, MOST_OF_ONE),
        ("orders", 450, 1), ("orders", 0, 0), ("points", 450, 0), (RUNS, 450, 0), (KM, 450, 0),
    ],
)  # fmt: skip
def test_a_purchase_counts(metric: Any, amount: int, counts: int) -> None:
    assert amount_of(metric, bought(amount)) == amount_left(metric, amount) == counts


@pytest.mark.parametrize(
    ("metric", "event", "counts"),
    [
        (RUNS, happened("run"), 1), (RUNS, happened("swim", km=4), 0), (KM, happened("run", km=4), 4),
        (KM, happened("swim", km=4), 0), (KM, happened("run"), 0), (KM, happened("run", km=-4), 0),
        (KM, happened("run", km=True), 0), (KM, happened("run", km="4"), 0),
        (KM, happened("run", km=2**63 - 1), MOST_OF_ONE), ("spend", happened("run"), 0), ("points", happened("run"), 0),
    ],
)  # fmt: skip
def test_an_event_counts(metric: Any, event: Happened, counts: int) -> None:
    assert amount_of(metric, event) == counts
