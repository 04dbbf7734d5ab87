"""Races of real processes, through the web's own code: nothing is shared by them but the database."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from points.ledger.models import Account, Transaction
from points.ledger.queries import balance, known_hold
from points.programmes.queries import default_programme
from shared import clock
from shared.contracts.points import PointsRedeemed
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import deliver, published
from tests.concurrency.crowd import EXPIRY, Crowd, Worker, delivery, posting
from tests.factories import give, hold, make_programme, points_of, prove, register
from tests.messages.test_payments import captured, refunded

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _ledger(member: Actor) -> None:
    make_programme()


def answers_of(found: list[Worker]) -> list[dict[str, Any]]:
    assert {worker.exit for worker in found} == {0}
    return [answer for worker in found for answer in worker.answers]


def redemption(key: str, **more: Any) -> dict[str, Any]:
    return posting("member", "redemptions", {"points": 10, "reason": "coffee"}, key, **more)


def test_of_two_hundred_redemptions_those_that_the_points_cover_are_granted(workers: Crowd, member: Actor) -> None:
    give(member.id, 1005, at=clock.now())

    found = workers.run(*[[redemption(str(new_id())) for _ in range(20)] for _ in range(10)])

    assert Counter(answer["status"] for answer in answers_of(found)) == {201: 100, 409: 100}
    assert points_of(member.id, at=clock.now()) == (5, 0)
    prove()


def test_one_key_fifty_times_has_one_effect_and_fifty_equal_answers(workers: Crowd, member: Actor) -> None:
    give(member.id, 1000, at=clock.now())

    found = workers.run(*[[redemption("the-same-key", insists=True)] * 2 for _ in range(25)])

    answers = answers_of(found)
    assert len(answers) == 50
    assert len({(answer["status"], answer["body"]) for answer in answers}) == 1
    assert answers[0]["status"] == 201
    assert points_of(member.id, at=clock.now()) == (990, 0)
    assert len(published(PointsRedeemed)) == 1
    prove()


@pytest.mark.parametrize("milliseconds", [1, 60, 120, 60_000])
def test_of_capture_void_and_expiry_of_one_hold_one_wins(workers: Crowd, member: Actor, milliseconds: int) -> None:
    give(member.id, 10, at=clock.now())
    made = hold(member.id, 10, at=clock.now(), expires_at=clock.now() + timedelta(milliseconds=milliseconds))
    moves = [posting("member", f"holds/{made.id}/{move}", {}, str(new_id())) for move in ("capture", "void") * 4]

    found = workers.run(*[[{**move, "key": str(new_id())}] for move in moves], *[[EXPIRY]] * 4)

    won = [answer for answer in answers_of(found) if answer.get("status") == 200]
    expired = sum(answer["holds"]["points"] for answer in answers_of(found) if "holds" in answer)
    assert (len(won), expired) in [(1, 0), (0, 10)] or known_hold(made.id).state == "held"
    assert len(won) + (expired > 0) <= 1
    assert Transaction.objects.count() == 2 + len(won) + (expired > 0)
    prove()


def test_two_returns_of_one_line_take_back_its_points_once_each(workers: Crowd, member: Actor) -> None:
    paid = captured(member.id, {"1": 1_000, "2": 9_000})
    deliver(paid)
    halves = [delivery(refunded(paid, 500, {"1": 500})) for _ in range(2)]

    found = workers.run(*[[half] for half in halves * 4])

    assert [answer["failed"] for answer in answers_of(found)] == [{}] * 8
    assert points_of(member.id, at=clock.now()) == (90, 0)
    assert Transaction.objects.filter(kind="returned").count() == 2
    prove()


def test_ten_members_give_on_in_a_ring_without_a_deadlock(workers: Crowd, member: Actor) -> None:
    ring = [new_id() for _ in range(10)]
    register(*ring)
    for member_id in ring:
        give(member_id, 100, at=clock.now())

    def gift(sender: int, step: int) -> dict[str, Any]:
        body = {"from_member_id": ring[sender], "to_member_id": ring[(sender + step) % 10], "points": 7, "reason": "r"}
        return posting("operator", "transfers", body, str(new_id()))

    found = workers.run(*[[gift(sender, step) for step in (1, 9, 3, 7, 5)] for sender in range(10)])

    assert Counter(answer["status"] for answer in answers_of(found)) == {201: 50}
    assert set(Account.objects.values_list("available", flat=True)) == {100}
    prove()


def test_expiry_and_spending_never_use_the_same_points(workers: Crowd, member: Actor) -> None:
    for _ in range(10):
        give(member.id, 10, at=clock.now(), expires_at=clock.now() + timedelta(milliseconds=150))

    # A key for each: a repeat is answered 201 again, and counted it would be points spent twice.
    spending = [[redemption(str(new_id())) for _ in range(4)] for _ in range(4)]
    found = workers.run(*spending, *[[EXPIRY, EXPIRY, EXPIRY]] * 4)

    answers = answers_of(found)
    spent = 10 * sum(answer.get("status") == 201 for answer in answers)
    ended = sum(answer["lots"]["points"] for answer in answers if "lots" in answer)
    left = Account.objects.get(member_id=member.id).available
    seen = balance(programme_id=default_programme().id, member_id=member.id, at=clock.now())
    assert spent + ended + left == 100
    assert seen.available in (0, left)
    prove()
