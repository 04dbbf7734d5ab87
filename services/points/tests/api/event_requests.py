"""Telling events over HTTP, and what came of it."""

from collections.abc import Iterator
from typing import Any

import pytest

from shared.testing.actors import Actor
from shared.testing.roles import MEMBER, MERCHANT_ID
from tests.event_factories import let_earn, on
from tests.factories import make_programme, prove

PATH = "/api/v1/points/events"
MONTHLY = [{"of": "points", "most": 60, "per": "month"}]
GOOD: dict[str, Any] = {
    "event_id": "review-1",
    "member_id": str(MEMBER.id),
    "name": "review",
    "occurred_at": "2026-03-01T13:00:00+01:00",
    "data": {"stars": 5, "is_public": True},
}
LATER = on("later", 10, pending_days=30)
ENDING = on("ending", 4, lifetime={"kind": "rolling", "count": 7, "unit": "day"})


@pytest.fixture(autouse=True)
def books_are_right(db: None) -> Iterator[None]:
    """Have a programme whose events earn, and prove the ledger after each test."""
    make_programme(merchants=[MERCHANT_ID])
    let_earn()
    yield
    prove()


def tell(actor: Actor, **more: Any) -> dict[str, Any]:
    """Tell an event that is taken."""
    answer = actor.post(PATH, GOOD | more)
    assert answer.status_code == 201, answer.content
    found: dict[str, Any] = answer.json()
    return found


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    """Check that an answer is a refusal, and return its problem."""
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), answer.content
    problem: dict[str, Any] = answer.json()
    assert problem["code"] == code
    return problem


def results(actor: Actor, *told: Any, **more: Any) -> list[dict[str, Any]]:
    """Tell a list of events, and return what became of each."""
    answer = actor.post(f"{PATH}/batches", {"events": list(told)}, **more)
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["results"]
    assert [one["index"] for one in found] == list(range(len(told)))
    return found


def became(found: list[dict[str, Any]]) -> list[str]:
    """Return the status of each event of a list, or why it was refused."""
    return [one["error"]["code"] if one["error"] else one["status"] for one in found]
