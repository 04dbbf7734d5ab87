from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from points.ledger import operations
from points.ledger.errors import HoldNotOpen, InsufficientPoints
from points.ledger.models import Transaction
from points.ledger.queries import balance, known_hold
from points.ledger.rules.values import Hold, Posted
from points.programmes.queries import default_programme
from shared import clock
from shared.testing.proofs import race
from tests.factories import give, hold, make_programme, points_of, prove, spend

pytestmark = pytest.mark.django_db(transaction=True)
HOLDS = "/api/v1/points/holds"
SECOND = timedelta(seconds=1)


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    return member.id


@pytest.mark.parametrize("attempt", range(4))
def test_of_capture_void_and_expiry_at_once_one_wins(me: UUID, attempt: int) -> None:
    at = clock.now()
    give(me, 10, at=at)
    made = hold(me, 10, at=at, expires_at=at + SECOND)
    moves: list[Any] = [
        lambda: operations.capture_hold(made.id, at=at),
        lambda: operations.void_hold(made.id, at=at),
        lambda: operations.expire_holds(at=at + SECOND),
    ]

    results = race(9, lambda turn: moves[(turn + attempt) % 3]())

    won = [one for one in results if isinstance(one, Hold)]
    expired = sum(one[1] for one in results if isinstance(one, tuple))
    refused = [one for one in results if isinstance(one, HoldNotOpen)]
    assert (len(won), expired) in [(1, 0), (0, 10)]
    assert len(refused) == 6 - len(won)
    state = known_hold(made.id).state
    assert state == (won[0].state if won else "expired")
    assert points_of(me, at=at)[0] == (0 if state == "captured" else 10)
    assert Transaction.objects.count() == 3
    prove()


def test_two_hundred_redemptions_of_the_last_points_while_holds_come_and_go(me: UUID) -> None:
    at = clock.now()
    give(me, 500, at=at)

    def one(turn: int) -> Any:
        if turn % 4 == 0:
            return spend(me, 10, at=at)
        made = hold(me, 10, at=at, expires_at=at + SECOND)
        if turn % 4 == 1:
            return operations.capture_hold(made.id, points=7, at=at)
        if turn % 4 == 2:
            return operations.void_hold(made.id, at=at)
        return spend(me, 1, at=at + SECOND)  # all that is held then is overdue

    results = [result for wave in range(10) for result in race(20, one)]

    strange = [
        one for one in results if isinstance(one, Exception) and not isinstance(one, InsufficientPoints | HoldNotOpen)
    ]
    assert strange == []
    spent = sum(one.points for one in results if isinstance(one, Posted))
    captured = sum(one.captured for one in results if isinstance(one, Hold))
    found = balance(programme_id=default_programme().id, member_id=me, at=at + SECOND)
    assert (found.available, found.held) == (500 - spent - captured, 0)
    assert spent > 0
    prove()


def test_one_key_fifty_times_at_once_holds_once(me: UUID, member: Any) -> None:
    give(me, 1000, at=clock.now())

    answers: Any = race(50, lambda _: member.post(HOLDS, {"points": 10, "reference": "order-1"}, key="the-same-key"))

    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert all(answer.json()["code"] == "idempotency.in_progress" for answer in answers if answer.status_code == 409)
    assert points_of(me, at=clock.now()) == (990, 0)
    prove()


def test_extension_and_expiry_at_once_agree(me: UUID) -> None:
    at = clock.now()
    give(me, 10, at=at)
    made = hold(me, 10, at=at, expires_at=at + SECOND)

    results = race(
        8,
        lambda turn: (
            operations.expire_holds(at=at + SECOND)
            if turn % 2
            else operations.extend_hold(made.id, expires_at=at + 60 * SECOND, at=at)
        ),
    )

    extended = [one for one in results if isinstance(one, Hold)]
    state = known_hold(made.id).state
    assert state == ("held" if extended else "expired")
    assert points_of(me, at=at)[0] == (0 if extended else 10)
    prove()
