"""Events that merchants and operators tell, and what members earn by them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from points.events.models import Event, EventRules
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from shared import clock
from shared.contracts.events import EventRecorded
from shared.contracts.points import PointsEarned
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from shared.testing.roles import MEMBER, MERCHANT_ID
from tests.api.test_bounds import works_for_the_merchant
from tests.event_factories import let_earn
from tests.factories import AT, UNKNOWN_ID, make_programme, points_of, prove

PATH = "/api/v1/points/events"
pytestmark = pytest.mark.django_db
GOOD: dict[str, Any] = {
    "event_id": "review-1",
    "member_id": str(MEMBER.id),
    "name": "review",
    "occurred_at": "2026-03-01T13:00:00+01:00",
    "data": {"stars": 5, "is_public": True},
}


@pytest.fixture(autouse=True)
def _books_are_right(db: None) -> Iterator[None]:
    make_programme(merchants=[MERCHANT_ID])
    let_earn()
    yield
    prove()


def tell(actor: Actor, **more: Any) -> dict[str, Any]:
    answer = actor.post(PATH, GOOD | more)
    assert answer.status_code == 201, answer.content
    found: dict[str, Any] = answer.json()
    return found


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), answer.content
    problem: dict[str, Any] = answer.json()
    assert problem["code"] == code
    return problem


def test_an_event_earns_by_rules_and_says_what(merchant: Actor, member: Actor) -> None:
    made = tell(merchant)

    assert made == {
        "id": made["id"],
        "event_id": "review-1",
        "trigger": "event",
        "name": "review",
        "member_id": str(member.id),
        "programme": str(default_programme().id),
        "merchant_id": str(MERCHANT_ID),
        "occurred_at": "2026-03-01T12:00:00Z",
        "recorded_at": made["recorded_at"],
        "data": {"stars": 5, "is_public": True},
        "points": 35,
        "no_points_reason": None,
        "rules_version": 1,
        "transaction_id": made["transaction_id"],
    }
    assert points_of(member.id) == (35, 0)
    assert merchant.get(f"{PATH}/{made['id']}").json() == made
    (earned,) = published(PointsEarned)
    assert [(one.id, one.version, one.points) for one in earned.rules] == [("review", 1, 25), ("stars", 1, 10)]
    (said,) = published(EventRecorded)
    assert (str(said.id), said.event_id, said.points, str(said.transaction_id)) == (
        made["id"],
        "review-1",
        35,
        made["transaction_id"],
    )
