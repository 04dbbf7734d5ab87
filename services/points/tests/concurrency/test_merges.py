import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections, transaction

from points.expiry import operations as ending
from points.ledger import operations
from points.ledger.errors import InsufficientPoints, MemberMerged
from points.ledger.models import Account, MemberMerge, Reinstatement, Transaction
from points.ledger.rules.earnings import Wait
from points.purchases.models import PurchaseReturn
from shared import clock
from shared.db import rows
from shared.errors import DomainError
from shared.ids import new_id
from shared.testing.proofs import race
from tests.concurrency.test_expiry_killed import until
from tests.concurrency.test_new_accounts import WAITS_FOR_US
from tests.factories import buy, give, make_programme, points_of, prove, spend

pytestmark = pytest.mark.django_db(transaction=True)
OPERATOR = UUID(int=9)
POINTS = "/api/v1/points"


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    return member.id


def merge(old: UUID, new: UUID) -> Any:
    return operations.merge_members(
        from_member_id=old, into_member_id=new, reason="r", actor_id=OPERATOR, at=clock.now()
    )


def merge_there(start: Any, answers: Any, old: UUID, new: UUID) -> None:
    """Merge in a process of its own, with a connection of its own."""
    connections["default"].connection = None  # the parent's, which goes on with it
    start.wait(timeout=30)
    try:
        merge(old, new)
        answers.put("merged")
    except DomainError as refusal:
        answers.put(refusal.code)
    except Exception as error:
        answers.put(repr(error))
    connection.close()
    answers.close()
    answers.join_thread()
    os._exit(0)


@pytest.mark.parametrize("turn", range(3))
def test_opposite_merges_in_eight_processes_merge_once_without_a_deadlock(
    me: UUID, other_member: Any, turn: int
) -> None:
    second = make_programme(name="Second")
    for member_id in (me, other_member.id):
        give(member_id, 50, at=clock.now())
        give(member_id, 10, at=clock.now(), programme_id=second.id, wait=Wait(in_days=3))
    forks = multiprocessing.get_context("fork")
    start, answers = forks.Barrier(8), forks.Queue()
    pairs = [(me, other_member.id), (other_member.id, me)] * 4
    processes = [forks.Process(target=merge_there, args=(start, answers, *pair)) for pair in pairs]
    for process in processes:
        process.start()

    found = sorted(answers.get(timeout=60) for _ in processes)

    for process in processes:
        process.join(timeout=30)
    assert found == ["merged"] + ["points.member_merged"] * 7
    merged = MemberMerge.objects.get()
    assert points_of(merged.into_member_id, at=clock.now()) == (100, 0)
    assert points_of(merged.from_member_id, at=clock.now()) == (0, 0)
    prove()


def test_a_ring_of_merges_at_once_ends_with_all_points_at_one(me: UUID) -> None:
    ring = [me, *(new_id() for _ in range(5))]
    for member_id in ring:
        give(member_id, 10, at=clock.now())

    results = race(18, lambda turn: merge(ring[turn % 6], ring[(turn + 1) % 6]))

    assert {type(result) for result in results if isinstance(result, Exception)} <= {MemberMerged}
    open_accounts = Account.objects.filter(merged_into=None)
    assert sum(open_accounts.values_list("available", flat=True)) == 60
    assert open_accounts.count() == 6 - MemberMerge.objects.count()
    prove()


def test_points_that_are_earned_and_spent_during_a_merge_are_in_one_place(me: UUID, other_member: Any) -> None:
    give(me, 10, at=clock.now())
    moves = (
        lambda: give(me, 1, at=clock.now()),
        lambda: spend(me, 1, at=clock.now()),
        lambda: operations.transfer_points(
            programme_id=None, from_member_id=other_member.id, to_member_id=me, points=1, reason="r", at=clock.now()
        ),
    )

    def move(turn: int) -> Any:
        return merge(me, other_member.id) if turn == 7 else moves[turn % 3]()

    results = race(24, move)

    refusals = {type(result) for result in results if isinstance(result, Exception)}
    assert refusals <= {MemberMerged, InsufficientPoints}
    assert points_of(me, at=clock.now()) == (0, 0)
    prove()


@pytest.fixture
def overtaken(me: UUID, other_member: Any, operator: Any, other_thread: ThreadPoolExecutor) -> Callable[..., None]:
    """Return what asks for something of a member, lets a merge of that member overtake it, and asks again."""

    def run(path: str, body: dict[str, Any]) -> None:
        with transaction.atomic():
            merge(me, other_member.id)
            asked = other_thread.submit(operator.post, path, body)
            until(lambda: rows(WAITS_FOR_US))
        answer = asked.result(timeout=60)

        assert (answer.status_code, answer.json()["code"]) == (409, "points.member_merged"), answer.content
        assert answer.json()["merged_into"] == str(other_member.id)
        assert not PurchaseReturn.objects.exists()
        assert not Reinstatement.objects.exists()
        assert operator.post(path, body).status_code == 201
        prove()

    return run


def test_a_return_that_a_merge_overtakes_is_refused_and_another_takes_from_whose_the_points_are(
    me: UUID, other_member: Any, overtaken: Callable[..., None]
) -> None:
    bought = buy(me, {"1": (1, 1_000)}, at=clock.now())

    overtaken(f"{POINTS}/purchases/{bought.payment_id}/returns", {"return_id": "r-1"})

    assert points_of(other_member.id, at=clock.now()) == (0, 0)


def test_a_return_of_points_that_a_merge_overtakes_is_refused_and_another_gives_them_to_the_current_member(
    me: UUID, other_member: Any, overtaken: Callable[..., None]
) -> None:
    give(me, 50, at=clock.now())
    spent = spend(me, 50, at=clock.now()).id
    bought = buy(me, {"1": (1, 50)}, redemption_ids=(spent,), at=clock.now())

    overtaken(f"{POINTS}/purchases/{bought.payment_id}/returns", {"return_id": "r-1"})

    assert points_of(other_member.id, at=clock.now()) == (50, 0)


def test_a_reinstatement_that_a_merge_overtakes_is_refused_and_another_gives_to_whose_the_points_are(
    me: UUID, other_member: Any, overtaken: Callable[..., None]
) -> None:
    at = clock.now()
    give(me, 100, at=at - timedelta(days=2), expires_at=at - timedelta(days=1))
    ending.expire_all(at=at)
    expiry = Transaction.objects.get(kind="expired").id

    overtaken(f"{POINTS}/reinstatements", {"member_id": str(me), "transaction_id": str(expiry), "reason": "r"})

    assert points_of(other_member.id, at=clock.now()) == (100, 0)
