from typing import Any
from uuid import UUID

import pytest
from django.db.models import Sum

from points.ledger import operations
from points.ledger.errors import InsufficientPoints
from points.ledger.models import Account
from shared import clock
from shared.ids import new_id
from shared.testing.proofs import race
from tests.factories import give, make_programme, points_of, prove, register

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/api/v1/points/transfers"


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    return member.id


def transfer(sender: UUID, receiver: UUID, points: int) -> operations.Transfer:
    return operations.transfer_points(
        programme_id=None, from_member_id=sender, to_member_id=receiver, points=points, reason="ring", at=clock.now()
    )


@pytest.mark.parametrize("step", [1, -1, 3])
def test_a_ring_of_ten_members_gives_on_at_once_without_a_deadlock(me: UUID, step: int) -> None:
    ring = [me, *(new_id() for _ in range(9))]
    register(*ring)
    for member_id in ring:
        give(member_id, 10, at=clock.now())

    results = race(20, lambda turn: transfer(ring[turn % 10], ring[(turn % 10 + step) % 10], 5))

    assert [result for result in results if isinstance(result, Exception)] == []
    assert set(Account.objects.values_list("available", flat=True)) == {10}
    prove()


def test_two_who_have_no_account_yet_can_be_given_points_at_once(me: UUID) -> None:
    giver, new = new_id(), [new_id(), new_id()]
    register(*new)
    for member_id in (me, giver):
        give(member_id, 100, at=clock.now())

    race(20, lambda turn: transfer((me, giver)[turn % 2], new[turn // 2 % 2], 5))

    assert [points_of(member_id, at=clock.now())[0] for member_id in (me, giver, *new)] == [50, 50, 50, 50]
    prove()


def test_the_last_points_are_given_away_once(me: UUID) -> None:
    give(me, 35, at=clock.now())
    register(*(others := [new_id() for _ in range(20)]))

    results = race(20, lambda turn: transfer(me, others[turn], 10))

    assert sum(isinstance(result, operations.Transfer) for result in results) == 3
    assert sum(isinstance(result, InsufficientPoints) for result in results) == 17
    assert Account.objects.aggregate(total=Sum("available"))["total"] == 35
    prove()


def test_one_key_fifty_times_at_once_gives_once(me: UUID, member: Any) -> None:
    give(me, 1000, at=clock.now())
    register(other := new_id())
    body = {"to_member_id": str(other), "points": 10, "reason": "birthday"}

    answers: Any = race(50, lambda _: member.post(PATH, body, key="the-same-key"))

    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert points_of(me, at=clock.now()) == (990, 0)
    prove()
