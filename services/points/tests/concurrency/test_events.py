"""Events and registrations at once earn once each, and use limits exactly."""

from typing import Any
from uuid import UUID

import pytest

from points.events import operations
from points.events.models import Event
from points.events.operations import Registration
from points.events.rules.events import NewEvent, Recorded
from points.ledger.models import Transaction
from points.ledger.operations import merge_members
from points.purchases.operations import Teller
from shared import clock
from shared.contracts.events import EventRecorded
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import published
from shared.testing.proofs import race
from tests.event_factories import NOBODY, let_earn, on, registering, tell, told
from tests.factories import give, make_programme, points_of, prove
from tests.judging_factories import BASE, ONCE, activate, buy_lines, counts
from tests.rules.earning.factories import fixed, rule, rule_set

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE, EACH = 50, 4


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    return member.id


def now(member_id: UUID, **more: Any) -> NewEvent:
    return told(member_id, occurred_at=clock.now(), **more)


def record(*events: NewEvent, teller: Teller = NOBODY) -> list[Any]:
    return operations.record_events(events, teller=teller, at=clock.now())


def points(results: list[Any]) -> list[int]:
    """What events of each list earned; none was refused."""
    assert [one for one in results if isinstance(one, Exception)] == []
    return sorted(one.event.points for those in results for one in those)


def test_two_hundred_at_once_use_the_last_use_once(me: UUID) -> None:
    let_earn(on("once", 100, limits=ONCE))

    results = race(AT_ONCE, lambda _: [record(now(me))[0] for _ in range(EACH)])

    assert points(results) == [0] * 199 + [100]
    assert counts(me) == {("once", "uses", "ever"): 1}
    assert points_of(me, at=clock.now()) == (100, 0)
    assert (Event.objects.count(), len(published(EventRecorded))) == (200, 200)
    prove()


def test_two_hundred_at_once_share_what_a_limit_has_left(me: UUID) -> None:
    let_earn(on("monthly", 10, limits=[{"of": "points", "most": 333, "per": "month"}]))

    results = race(AT_ONCE, lambda _: record(*(now(me) for _ in range(EACH))))

    assert points(results) == [0] * 166 + [3] + [10] * 33
    assert counts(me) == {("monthly", "points", "2026-03"): 333}
    assert points_of(me, at=clock.now()) == (333, 0)
    prove()


def test_one_event_told_by_many_at_once_earns_once(me: UUID) -> None:
    let_earn(on("review", 25))
    same = [now(me, event_id=f"same-{number}") for number in range(4)]

    results = race(50, lambda turn: record(*(same if turn % 2 else same[::-1])))

    assert points(results) == [25] * 200
    assert sum(not one.is_repeated for those in results for one in those) == 4
    assert (Event.objects.count(), Transaction.objects.count()) == (4, 4)
    assert points_of(me, at=clock.now()) == (100, 0)
    prove()


def test_of_two_contents_by_one_id_at_once_one_is_it(me: UUID) -> None:
    let_earn(on("review", 25))
    at = clock.now()

    results = race(20, lambda turn: record(told(me, event_id="same", occurred_at=at, data={"stars": 1 + turn % 2}))[0])

    kinds = [one.code if isinstance(one, Exception) else one.is_repeated for one in results]
    assert (kinds.count(False), kinds.count(True), kinds.count("points.event_id_reused")) == (1, 9, 10)
    assert points_of(me, at=clock.now()) == (25, 0)
    prove()


def test_lists_of_the_same_members_in_any_order_do_not_deadlock(me: UUID) -> None:
    let_earn(on("once", 100, limits=ONCE), on("review", 1))
    members = [me, *(new_id() for _ in range(9))]

    def one(turn: int) -> list[Any]:
        order = members[turn % 10 :] + members[: turn % 10]
        return record(*(now(who) for who in (order if turn % 2 else order[::-1])))

    results = race(20, one)

    assert points(results) == [1] * 190 + [101] * 10
    assert {points_of(who, at=clock.now()) for who in members} == {(120, 0)}
    prove()


def test_events_and_purchases_of_a_member_at_once_do_not_deadlock(me: UUID) -> None:
    let_earn(
        rule("base", BASE["effect"], limits=[{"of": "points", "most": 100, "per": "month"}]),
        on("review", 10, limits=[{"of": "uses", "most": 7, "per": "ever"}]),
    )

    def one(turn: int) -> Any:
        if turn % 2:
            return buy_lines(me, {"1": ("shoes", 1, 1_000)}, at=clock.now())
        return record(now(me), now(me))

    results = race(30, one)

    assert [one for one in results if isinstance(one, Exception)] == []
    assert counts(me) == {("base", "points", "2026-03"): 100, ("review", "uses", "ever"): 7}
    assert points_of(me, at=clock.now()) == (170, 0)
    prove()


def test_a_merge_and_events_of_both_at_once_use_a_limit_once_each_at_most(me: UUID, other_member: Actor) -> None:
    let_earn(on("once", 100, limits=ONCE), on("review", 1))
    give(me, 1, at=clock.now())

    def one(turn: int) -> Any:
        if turn == 0:
            return merge_members(
                from_member_id=me, into_member_id=other_member.id, reason="r", actor_id=new_id(), at=clock.now()
            )
        return record(*(now(me if turn % 2 else other_member.id) for _ in range(3)))

    results = race(16, one)

    assert [one for one in results if isinstance(one, Exception)] == []
    refused = [one for those in results[1:] for one in those if not isinstance(one, Recorded)]
    assert refused == []
    used = [counts(who).get(("once", "uses", "ever"), 0) for who in (me, other_member.id)]
    assert sum(used) in (1, 2)
    assert max(used) == 1
    assert points_of(other_member.id, at=clock.now()) == (1 + 45 + 100 * sum(used), 0)
    assert tell(me, at=clock.now()).points == 1
    prove()


def test_reversals_and_events_at_once_leave_what_is_left(me: UUID) -> None:
    let_earn(on("review", 10, limits=[{"of": "points", "most": 50, "per": "month"}]))
    made = [tell(me, at=clock.now()).id for _ in range(5)]

    def one(turn: int) -> Any:
        if turn % 2:
            return record(now(me))[0].event.points
        return operations.reverse_event(made[turn // 2 % 5], reason="r", actor_id=new_id(), at=clock.now())

    results = race(20, one)

    undone = [one for one in results[::2] if not isinstance(one, Exception)]
    assert {one.id for one in undone} == set(made)
    assert len(undone) == 5
    assert {one.code for one in results[::2] if isinstance(one, Exception)} == {"points.already_reversed"}
    given = sum(results[1::2])
    assert given <= 50
    assert counts(me) == {("review", "points", "2026-03"): given}
    assert points_of(me, at=clock.now()) == (given, 0)
    assert record(now(me))[0].event.points == min(10, 50 - given)
    prove()


def test_one_registration_said_by_many_at_once_earns_once(me: UUID) -> None:
    let_earn(registering(100))
    members = [me, *(new_id() for _ in range(4))]

    def one(turn: int) -> None:
        order = members if turn % 2 else members[::-1]
        operations.earn_by_registrations([Registration(who, clock.now()) for who in order], at=clock.now())

    assert race(20, one) == [None] * 20
    assert {points_of(who, at=clock.now()) for who in members} == {(100, 0)}
    assert (Event.objects.count(), Transaction.objects.count()) == (5, 5)
    prove()


def test_a_registration_and_a_purchase_at_once_do_not_deadlock(me: UUID) -> None:
    activate(rule_set(BASE, rule("welcome", fixed(100), limits=ONCE), registering(50)))

    def one(turn: int) -> None:
        if turn % 2:
            buy_lines(me, {"1": ("shoes", 1, 1_000)}, at=clock.now())
        else:
            operations.earn_by_registrations([Registration(me, clock.now())], at=clock.now())

    assert race(20, one) == [None] * 20
    assert points_of(me, at=clock.now()) == (10 * 10 + 100 + 50, 0)
    prove()
