"""Trying purchases over HTTP."""

from typing import Any

import pytest

from points.programmes.rules import Programme
from shared.testing.actors import Actor
from shared.testing.proofs import nothing_written
from tests.factories import make_programme

PATH = "/api/v1/points/simulations"
LINES = [
    {"line_id": "1", "category": "shoes", "quantity": 1, "amount": 3333},
    {"line_id": "2", "category": "books", "quantity": 1, "amount": 1001},
]
CART: dict[str, Any] = {"amount": {"amount": 4334, "currency": "EUR"}, "lines": LINES}
REVIEW: dict[str, Any] = {"name": "review", "data": {"stars": 5}}


@pytest.fixture
def plaza() -> Programme:
    """Have a programme."""
    return make_programme()


def tried(operator: Actor, **body: Any) -> dict[str, Any]:
    """Try a purchase, and check that nothing is written and all adds up."""
    with nothing_written():
        answer = operator.post(PATH, {"purchase": CART} | body, key=None)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    adds_up(found)
    return found


def adds_up(found: dict[str, Any]) -> None:
    """Check that each way of adding points comes to the total."""
    lines = sum(line["points"] for line in found["lines"])
    assert found["points"] == lines + found["rest"] + found["fixed"]
    assert found["points"] == sum(rule["points"] for rule in found["rules"])
    assert found["points"] == sum(given["points"] for given in found["given"])
    for line in found["lines"]:
        assert line["points"] == sum(one["points"] for one in found["given"] if one["line_id"] == line["line_id"])
    for looked in found["rules"]:
        assert looked["points"] == sum(one["points"] for one in found["given"] if one["rule_id"] == looked["rule_id"])
        assert (looked["why"] is None) == (looked["points"] > 0)
