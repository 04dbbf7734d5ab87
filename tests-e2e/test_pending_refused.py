"""A wait that is none, or points that wait for somebody else: refused, and nothing is written."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from books import nothing_moves
from clients.api import refused
from clients.ledger import PENDING, on_delivery
from clients.points import POINTS
from people import Person

pytestmark = pytest.mark.usefixtures("default_programme")


@pytest.fixture(scope="module")
def programme(operator: Person) -> str:
    return str(operator.points.make_programme("Waits", pending_days=7, return_policy="pending_only")["id"])


@pytest.fixture
def waiting(operator: Person, member: Person, programme: str) -> str:
    """30 points of the member's that wait for the delivery of an order."""
    earned = operator.points.earn(
        member.id, 30, programme=programme, reference="order-1", activates=on_delivery()
    )  # fmt: skip
    return str(earned["id"])


def test_a_wait_that_is_none_is_refused(operator: Person, member: Person, programme: str) -> None:
    past, soon = ((datetime.now(UTC) + timedelta(days=days)).isoformat() for days in (-1, 2))
    gift: dict[str, Any] = {"member_id": member.id, "points": 5, "reason": "a gift", "programme": programme}
    waits: tuple[dict[str, Any], ...] = (
        {},
        {"on_event": "delivered"},
        {"in_days": 1, "at": soon},
        {"at": past},
        {"in_days": -1},
        {"days": 1},
    )
    with nothing_moves(programme, member):
        for wait in waits:
            refused(operator.api.post(f"{POINTS}/earnings", {**gift, "activates": wait}), 400, "request.invalid")
        early = {"activates": {"at": soon}, "expires_at": (datetime.now(UTC) + timedelta(days=1)).isoformat()}
        refused(operator.api.post(f"{POINTS}/earnings", {**gift, **early}), 409, "points.ends_before_activation")
        refused(operator.api.post(f"{PENDING}/{uuid4()}/cancel"), 404, "points.pending_not_found")


def test_it_is_not_there_for_another_member_and_nobody_moves_it_but_operators(
    member: Person, other_member: Person, programme: str, waiting: str
) -> None:
    path, event = f"{PENDING}/{waiting}", {"member_id": member.id, "programme": programme, "event": "delivered"}

    with nothing_moves(programme, member):
        refused(other_member.api.get(path), 404, "points.pending_not_found")
        refused(other_member.api.get(PENDING, member_id=member.id, programme=programme), 404)
        for stranger in (member, other_member):
            refused(stranger.api.post(f"{path}/activate"), 403)
            refused(stranger.api.post(f"{path}/cancel"), 403)
            refused(stranger.api.post(f"{PENDING}/activations", event), 403)
