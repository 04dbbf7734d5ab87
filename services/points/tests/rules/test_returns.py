"""Which points a return takes, and which it gives back."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from points.ledger.errors import NothingTaken
from points.ledger.rules.postings import after, decide, posted
from points.ledger.rules.returns import parts_of, plan, sources
from points.ledger.rules.values import NO_POINTS, Account, Kind, Lot, Posting, ReturnPolicy
from points.purchases.errors import LineUnknown, NothingToReturn, ReturnTooLarge
from points.purchases.rules.claims import amount_of, claimed, request_of
from points.purchases.rules.lines import with_points
from points.purchases.rules.purchases import (
    LineReturn,
    Purchase,
    PurchaseLine,
    Refund,
    Spend,
    claw_back,
    restorations,
)

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
ME, PROGRAMME, OWN = UUID(int=3), UUID(int=2), UUID(int=4)


def lot(number: int, remaining: int, *, own: bool = False, ended: bool = False) -> Lot:
    ends = AT - timedelta(days=1) if ended else AT + timedelta(days=number)
    return Lot(OWN if own else UUID(int=100 + number), remaining, ends, number)


def returning(points: int, policy: ReturnPolicy) -> Posting:
    return Posting(kind=Kind.RETURNED, programme_id=PROGRAMME, member_id=ME, points=points, lots=(OWN,), policy=policy)


def account(*lots: Lot, owed: int = 0) -> Account:
    there = sum(one.remaining for one in lots)
    buckets = NO_POINTS | {"available": there, "deficit": -owed, "issued": owed - there}
    return Account(1, PROGRAMME, ME, buckets, 0, lots)


ARREARS = ReturnPolicy("arrears")


@pytest.mark.parametrize(
    ("policy", "owed", "parts"),
    [
        (ARREARS, 0, {"own": 40, "others": 25, "owed": 35, "forgiven": 0}),
        (ReturnPolicy("arrears", 35), 0, {"own": 40, "others": 25, "owed": 35, "forgiven": 0}),
        (ReturnPolicy("arrears", 34), 0, {"own": 40, "others": 25, "owed": 34, "forgiven": 1}),
        (ReturnPolicy("arrears", 40), 10, {"own": 40, "others": 25, "owed": 30, "forgiven": 5}),
        (ReturnPolicy("arrears", 5), 10, {"own": 40, "others": 25, "owed": 0, "forgiven": 35}),
        (ReturnPolicy("floor_zero"), 0, {"own": 40, "others": 25, "owed": 0, "forgiven": 35}),
        (ReturnPolicy("floor_zero", 99), 0, {"own": 40, "others": 25, "owed": 0, "forgiven": 35}),
    ],
)
def test_takes_from_the_own_lot_then_from_others_then_by_policy(
    policy: ReturnPolicy, owed: int, parts: dict[str, int]
) -> None:
    there = account(lot(1, 25), lot(2, 40, own=True), lot(3, 9, ended=True), owed=owed)
    posting = returning(100, policy)

    fact = posted(decide(there, posting, at=AT), at=AT)

    assert parts_of(fact, posting) == parts
    assert fact.points == 100 - parts["forgiven"]


def test_a_policy_that_takes_nothing_spendable_forgives_all() -> None:
    posting = returning(100, ReturnPolicy("pending_only"))

    with pytest.raises(NothingTaken):
        decide(account(lot(1, 200, own=True)), posting, at=AT)

    assert parts_of(None, posting) == {"own": 0, "others": 0, "owed": 0, "forgiven": 100}


def test_a_plan_is_a_row_of_sources_and_another_may_come_first() -> None:
    found = sources([lot(1, 5, own=True)], [], owed=0, points=20, policy=ReturnPolicy("arrears", 3), at=AT)

    assert found == (("own", 5), ("others", 0), ("owed", 3))
    assert plan(20, (("pending", 7), *found)) == {"pending": 7, "own": 5, "others": 0, "owed": 3, "forgiven": 5}


policies = st.one_of(
    st.just(ReturnPolicy("pending_only")),
    st.just(ReturnPolicy("floor_zero")),
    st.builds(ReturnPolicy, st.just("arrears"), st.none() | st.integers(0, 300)),
)


@given(policies, st.integers(1, 500), st.integers(0, 200), st.integers(0, 200), st.integers(0, 300))
def test_the_parts_add_up_and_no_policy_goes_below_its_floor(
    policy: ReturnPolicy, points: int, own: int, others: int, owed: int
) -> None:
    lots = [one for one in (lot(1, others), lot(2, own, own=True)) if one.remaining]
    there, posting = account(*lots, owed=owed), returning(points, policy)
    try:
        decided = decide(there, posting, at=AT)
    except NothingTaken:
        fact, then = None, there
    else:
        fact, then = posted(decided, at=AT), after(there, decided.movement)

    parts = parts_of(fact, posting)

    assert sum(parts.values()) == points
    assert min(parts.values()) >= 0
    assert parts["others"] == 0 or parts["own"] == own
    assert parts["owed"] == 0 or (parts["own"], parts["others"]) == (own, others)
    floor = owed if policy.name != "arrears" else 10**9 if policy.cap is None else max(owed, policy.cap)
    assert -then.buckets["deficit"] <= floor


def bought(points: int, lines: dict[str, tuple[int, int]], *spent: tuple[int, ...]) -> Purchase:
    parts = [PurchaseLine(line_id=name, quantity=count, amount=cost) for name, (count, cost) in lines.items()]
    return Purchase(
        payment_id=UUID(int=1),
        programme_id=PROGRAMME,
        member_id=ME,
        transaction_id=OWN,
        amount=sum(cost for _, cost in lines.values()),
        points=points,
        reference="order-1",
        lines=with_points(parts, points),
        spent=sum(map(sum, spent)),
        spends=tuple(_spend(number, taken) for number, taken in enumerate(spent)),
    )


def _spend(number: int, taken: tuple[int, ...]) -> Spend:
    lots = tuple(lot(10 * number + place, points) for place, points in enumerate(taken, start=1))
    return Spend(redemption_id=UUID(int=1_000 + number), points=sum(taken), lots=lots)


def step(purchase: Purchase, command: dict[str, Any]) -> tuple[int, list[list[int]], Purchase]:
    amount, lines = claimed(purchase, command)
    refund = Refund(refund_id=UUID(int=5), payment_id=UUID(int=1), amount=amount, refunded_at=AT, lines=lines)
    points, then = claw_back(purchase, refund)
    back, then = restorations(then)
    return points, [[part.remaining for part in one.lots] for one in back], then


def test_points_come_back_in_reverse_order_of_spending() -> None:
    purchase, found = bought(0, {"1": (10, 1_000)}, (30, 20), (10, 40)), []

    for _ in range(5):
        _, back, purchase = step(purchase, request_of({"1": 2}, None))
        found.append(back)

    assert found == [[[20]], [[20]], [[10], [10]], [[10, 10]], [[20]]]
    assert [spend.restored for spend in purchase.spends] == [50, 50]


def test_the_pieces_of_a_line_cost_what_the_line_does() -> None:
    line = PurchaseLine(line_id="1", quantity=3, amount=1_000)

    assert [amount_of(line, quantity) for quantity in (1, 2, 3)] == [333, 667, 1_000]


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (request_of({"2": 1}, None), LineUnknown),
        (request_of({"1": 3}, None), ReturnTooLarge),
        (request_of(None, 1_001), ReturnTooLarge),
    ],
)
def test_what_is_not_there_cannot_come_back(command: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        claimed(bought(10, {"1": (2, 1_000)}), command)


def test_all_that_is_left_is_the_rest_of_each_line_and_then_nothing() -> None:
    _, _, purchase = step(bought(10, {"1": (2, 999), "2": (1, 1)}), request_of({"1": 1}, None))

    assert claimed(purchase, request_of(None, None)) == (500, (LineReturn("1", 1, 499), LineReturn("2", 1, 1)))
    _, _, purchase = step(purchase, request_of(None, None))
    with pytest.raises(NothingToReturn):
        claimed(purchase, request_of(None, None))


def test_the_same_request_has_one_form() -> None:
    assert request_of({"b": 1, "a": 2}, None) == request_of({"a": 2, "b": 1}, None)
    assert [request_of(None, None), request_of(None, 5)] == [{"whole": True}, {"amount": 5}]


lines_of = st.dictionaries(
    st.sampled_from("abcdef"), st.tuples(st.integers(1, 9), st.integers(0, 9_999)), min_size=1
).filter(lambda lines: any(cost for _, cost in lines.values()))
spent_on = st.lists(st.lists(st.integers(1, 300), min_size=1, max_size=3).map(tuple), max_size=3)


@settings(max_examples=1_000, deadline=None)
@given(lines_of, st.integers(0, 5_000), spent_on, st.data())
def test_any_partial_returns_take_what_was_earned_and_give_what_was_spent(
    lines: dict[str, tuple[int, int]], points: int, spent: list[tuple[int, ...]], data: Any
) -> None:
    purchase = bought(points, lines, *spent)
    left, taken, given_back = {name: count for name, (count, _) in lines.items()}, 0, 0
    while left:
        name = data.draw(st.sampled_from(sorted(left)))
        count = data.draw(st.integers(1, left[name]))
        left = {key: have - count * (key == name) for key, have in left.items() if have > count * (key == name)}
        asked_back, back, purchase = step(purchase, request_of({name: count}, None))
        taken, given_back = taken + asked_back, given_back + sum(map(sum, back))
        assert asked_back >= 0
        assert (taken, given_back) == (
            purchase.points_returned, sum(spend.restored for spend in purchase.spends)
        )  # fmt: skip
        assert (taken <= points, given_back <= purchase.spent, purchase.returned <= purchase.amount) == (True,) * 3
    assert (taken, given_back, purchase.returned) == (points, purchase.spent, purchase.amount)
    assert [line.points_returned for line in purchase.lines] == [line.points for line in purchase.lines]


@given(lines_of, st.integers(0, 5_000), spent_on, st.lists(st.integers(1, 20_000), max_size=8))
def test_amounts_and_then_the_rest_take_and_give_all_too(
    lines: dict[str, tuple[int, int]], points: int, spent: list[tuple[int, ...]], amounts: list[int]
) -> None:
    purchase, taken, given_back = bought(points, lines, *spent), 0, 0
    commands = [request_of(None, amount) for amount in amounts]
    for command in [*commands, request_of(None, None)]:
        if command.get("amount", 0) <= purchase.left and (purchase.left or "whole" not in command):
            part, back, purchase = step(purchase, command)
            taken, given_back = taken + part, given_back + sum(map(sum, back))
    assert (taken, given_back) == (points, purchase.spent)
