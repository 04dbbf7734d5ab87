"""Telling purchases and returns over HTTP."""

from dataclasses import replace
from typing import Any

import pytest

from shared.ids import new_id
from shared.testing.actors import Actor
from tests.factories import make_programme

PATH = "/api/v1/points/purchases"
MEMBER = "00000000-0000-7000-8000-000000000001"
LINES = [{"line_id": "1", "quantity": 2, "amount": 7_000}, {"line_id": "2", "quantity": 1, "amount": 5_000}]
GOOD = {"member_id": MEMBER, "purchase_id": "order-7", "amount": {"amount": 12_000, "currency": "EUR"}, "lines": LINES}


@pytest.fixture(autouse=True)
def programme(db: None) -> None:
    """Have a programme."""
    make_programme()


@pytest.fixture
def till(merchant: Actor) -> Actor:
    """Ask as a merchant's till."""
    return merchant


@pytest.fixture
def other_till(till: Actor) -> Actor:
    """Ask as the till of another merchant."""
    return Actor(replace(till.caller, id=new_id(), merchant_id=new_id()))


def record(actor: Actor, **more: Any) -> dict[str, Any]:
    """Tell a purchase that is taken."""
    answer = actor.post(PATH, GOOD | more)
    assert answer.status_code == 201, answer.content
    recorded: dict[str, Any] = answer.json()
    return recorded


def give_back(actor: Actor, recorded: dict[str, Any], **body: Any) -> Any:
    """Tell a return of all that is left, where nothing else is said."""
    return actor.post(f"{PATH}/{recorded['id']}/returns", {"return_id": "r-1"} | body)
