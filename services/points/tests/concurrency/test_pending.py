from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from points.ledger import operations
from points.ledger.errors import InsufficientPoints, PendingNotOpen
from points.ledger.models import PendingPoints, Transaction
from points.ledger.rules.earnings import Wait
from points.ledger.rules.values import Posted
from shared import clock
from shared.ids import new_id
from shared.testing.proofs import race
from tests.factories import give, make_programme, points_of, prove, spend

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    return member.id


def due_soon(member_id: UUID, points: int) -> UUID:
    """Earn points that were to be activated an hour ago."""
    at = clock.now() - timedelta(hours=2)
    return give(member_id, points, wait=Wait(at=at + timedelta(hours=1)), at=at).id


def test_an_activation_and_a_cancellation_at_once_close_points_once(me: UUID) -> None:
    pending = give(me, 30, at=clock.now(), wait=Wait(in_days=3)).id
    moves = (operations.activate_pending, operations.cancel_pending)

    results = race(20, lambda turn: moves[turn % 2](pending, actor_id=new_id(), at=clock.now()))

    assert sum(isinstance(result, PendingNotOpen) for result in results) == 19
    closed = PendingPoints.objects.get()
    assert points_of(me, at=clock.now()) == (closed.activated, 0)
    prove()


def test_two_jobs_and_a_member_who_spends_activate_what_is_due_once(me: UUID) -> None:
    for _ in range(20):
        due_soon(me, 1)

    def move(turn: int) -> Any:
        return operations.close_due_pending(at=clock.now()) if turn % 2 else spend(me, 2, at=clock.now())

    results = race(24, move)

    assert sum(isinstance(result, Posted) for result in results) == 10
    assert sum(isinstance(result, InsufficientPoints) for result in results) == 2
    assert Transaction.objects.filter(kind="activated").count() == 20
    assert points_of(me, at=clock.now()) == (0, 0)
    prove()


def test_the_same_event_twenty_times_at_once_activates_once(me: UUID) -> None:
    give(me, 30, at=clock.now(), wait=Wait(on_event="delivered", deadline=clock.now() + timedelta(days=1)))

    results: Any = race(
        20,
        lambda _: operations.activate_on_event(programme_id=None, member_id=me, event="delivered", at=clock.now()),
    )

    assert sorted(len(result) for result in results) == [0] * 19 + [1]
    assert points_of(me, at=clock.now()) == (30, 0)
    prove()
