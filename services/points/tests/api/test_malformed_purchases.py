"""Requests about purchases that are no proper ones, or of who may not ask, write nothing."""

from typing import Any

import pytest

from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.proofs import nothing_written
from tests.api.purchase_requests import GOOD, LINES, MEMBER, PATH, give_back, programme, record, till

__all__ = ["programme", "till"]  # fixtures
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("what", ["purchase", "return"])
def test_without_the_scope_nothing_is_told(till: Actor, member: Actor, analyst: Actor, what: str) -> None:
    recorded = record(till)
    path, body = (PATH, GOOD) if what == "purchase" else (f"{PATH}/{recorded['id']}/returns", {"return_id": "r"})
    with nothing_written():
        assert member.post(path, body).status_code == 403
        assert analyst.post(path, body).status_code == 403
    assert analyst.get(f"{PATH}/{recorded['id']}").status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        {"member_id": "nobody"},
        {"purchase_id": ""},
        {"purchase_id": "x" * 101},
        {"purchase_id": "a\x00b"},
        {"purchase_id": 7},
        {"programme": 1},
        {"amount": 12_000},
        {"amount": {"amount": -1, "currency": "EUR"}},
        {"amount": {"amount": 0, "currency": "EUR"}},
        {"amount": {"amount": 0, "currency": "EUR"}, "lines": [], "money_amount": 1},
        {"amount": {"amount": 1.5, "currency": "EUR"}},
        {"amount": {"amount": 10**400, "currency": "EUR"}},
        {"amount": {"amount": 12_000, "currency": "XXX"}},
        {"amount": {"amount": 12_000}},
        {"amount": {"amount": 12_001, "currency": "EUR"}},
        {"money_amount": 12_001},
        {"money_amount": -1},
        {"money_amount": True},
        {"occurred_at": "2030-01-01T00:00:00Z"},
        {"occurred_at": "yesterday"},
        {"lines": {}},
        {"lines": [LINES[0]] * 2},
        {"lines": [{"line_id": "1", "quantity": -1, "amount": 12_000}]},
        {"lines": [{"line_id": "1", "quantity": 0.5, "amount": 12_000}]},
        {"lines": [{"line_id": "1", "quantity": 10**6 + 1, "amount": 12_000}]},
        {"lines": [{"line_id": "1", "quantity": 1, "amount": -1}]},
        {"lines": [{"line_id": "1", "quantity": 1, "amount": 12_000, "price": 1}]},
        {"lines": [{"line_id": str(n), "quantity": 1, "amount": 60} for n in range(201)]},
        {"redemption_ids": ["x"]},
        {"redemption_ids": [MEMBER, MEMBER]},
        {"redemption_ids": [str(new_id()) for _ in range(21)]},
        {"surprise": 1},
    ],
)
def test_a_purchase_that_is_no_proper_request(till: Actor, change: dict[str, Any]) -> None:
    with nothing_written():
        answer = till.post(PATH, GOOD | change)

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid"), answer.content


@pytest.mark.parametrize(
    "change",
    [
        {"return_id": ""},
        {"return_id": None},
        {"return_id": "x" * 101},
        {"lines": []},
        {"lines": None},
        {"lines": [{"line_id": "1"}]},
        {"lines": [{"line_id": "1", "quantity": 0}]},
        {"lines": [{"line_id": "1", "quantity": -1}]},
        {"lines": [{"line_id": "1", "quantity": "1"}]},
        {"lines": [{"line_id": "1", "quantity": 1, "amount": 5}]},
        {"lines": [{"line_id": "1", "quantity": 1}] * 2},
        {"lines": [{"line_id": "1", "quantity": 1}], "amount": {"amount": 1, "currency": "EUR"}},
        {"amount": 5},
        {"amount": {"amount": 0, "currency": "EUR"}},
        {"amount": {"amount": 2**70, "currency": "EUR"}},
        {"reason": ""},
        {"reason": "x" * 201},
        {"preview": "true"},
        {"preview": 1},
        {"preview": None},
        {"surprise": 1},
    ],
)
def test_a_return_that_is_no_proper_request(till: Actor, change: dict[str, Any]) -> None:
    recorded = record(till)
    with nothing_written():
        answer = give_back(till, recorded, **change)

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid"), answer.content


@pytest.mark.parametrize("query", ["preview=perhaps", "preview=", "surprise=1"])
def test_a_query_that_is_no_proper_one(till: Actor, query: str) -> None:
    recorded = record(till)
    with nothing_written():
        answer = till.post(f"{PATH}/{recorded['id']}/returns?{query}", {"return_id": "r"})

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")
