from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from points.ledger.errors import BalanceTooLarge, InsufficientPoints, NothingToExpire, SourceKeyReused
from points.ledger.rules.lots import plan_spend, spending_order
from points.ledger.rules.postings import decide, decide_all, posted
from points.ledger.rules.values import NO_POINTS, Account, Decided, Kind, Lot, Posting, Reversed
from shared.errors import DomainError

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PROGRAMME, MEMBER = UUID(int=1), UUID(int=2)
KEY = PROGRAMME, MEMBER
A, B, C = UUID(int=10), UUID(int=11), UUID(int=12)
EMPTY = Account(1, PROGRAMME, MEMBER, NO_POINTS, 0)


def posting(kind: Kind, points: int = 0, **more: Any) -> Posting:
    return Posting(kind=kind, programme_id=PROGRAMME, member_id=MEMBER, points=points, **more)


def holding(*lots: Lot, owed: int = 0) -> Account:
    held = sum(lot.remaining for lot in lots)
    buckets = NO_POINTS | {"available": held, "deficit": -owed, "issued": -held, "redeemed": owed}
    return Account(1, PROGRAMME, MEMBER, buckets, 7, tuple(sorted(lots, key=spending_order)))


def run(account: Account, *postings: Posting, at: datetime = AT) -> list[Any]:
    return decide_all({KEY: account}, postings, {}, at=at)


SOON, LATER, NEVER = Lot(A, 10, AT + DAY, 3), Lot(B, 10, AT + 9 * DAY, 2), Lot(C, 10, None, 1)


def test_takes_from_the_lot_that_expires_first_and_from_the_never_ending_one_last() -> None:
    takes = decide(holding(NEVER, LATER, SOON), posting(Kind.REDEEMED, 25), at=AT).movement.takes

    assert [(take.lot_id, take.points) for take in takes] == [(A, 10), (B, 10), (C, 5)]


def test_takes_from_the_older_of_two_lots_that_end_together() -> None:
    older, younger = Lot(B, 10, AT + DAY, 1), Lot(A, 10, AT + DAY, 2)

    takes = decide(holding(younger, older), posting(Kind.REDEEMED, 1), at=AT).movement.takes

    assert [take.lot_id for take in takes] == [B]


def test_refuses_when_one_point_is_missing() -> None:
    with pytest.raises(InsufficientPoints) as refusal:
        decide(holding(SOON, LATER), posting(Kind.REDEEMED, 21), at=AT)

    assert refusal.value.members == {"requested": 21, "available": 20}


def test_spends_up_to_and_not_at_the_instant_a_lot_ends() -> None:
    just_before = SOON.expires_at - timedelta(microseconds=1)

    assert plan_spend([SOON], points=10, at=just_before)[0].points == 10
    with pytest.raises(InsufficientPoints):
        plan_spend([SOON], points=1, at=SOON.expires_at)


def test_earning_opens_a_lot_and_moves_the_counter_account() -> None:
    decided = decide(EMPTY, posting(Kind.EARNED, 120, id=A, expires_at=AT + DAY), at=AT)

    assert decided.movement.changes == (("available", 120), ("issued", -120))
    assert decided.after.lots == (Lot(A, 120, AT + DAY, 2),)
    fact = posted(decided, at=AT)
    assert (fact.points, fact.change, decided.after.version) == (120, 120, 2)


def test_earning_pays_what_is_owed_first() -> None:
    decided = decide(holding(owed=30), posting(Kind.EARNED, 100, id=A), at=AT)

    assert decided.movement.changes == (("available", 70), ("deficit", 30), ("issued", -100))
    assert decided.after.lots[0].remaining == 70
    fact = posted(decided, at=AT)
    assert (fact.points, fact.change) == (100, 70)


def test_earning_less_than_is_owed_opens_no_lot() -> None:
    decided = decide(holding(owed=30), posting(Kind.EARNED, 20), at=AT)

    assert decided.movement.changes == (("deficit", 20), ("issued", -20))
    assert decided.after.lots == ()


def test_a_deduction_never_makes_a_debt() -> None:
    with pytest.raises(InsufficientPoints):
        decide(holding(SOON), posting(Kind.ADJUSTED, -11), at=AT)


def test_a_return_takes_its_own_lot_first_then_others_and_the_rest_is_owed() -> None:
    def taken(points: int) -> dict[UUID, int]:
        takes = decide(holding(SOON, LATER, NEVER), posting(Kind.RETURNED, points, lots=(C,)), at=AT).movement.takes
        return {take.lot_id: take.points for take in takes}

    assert taken(8) == {C: 8}
    assert taken(15) == {C: 10, A: 5}
    assert taken(35) == {C: 10, A: 10, B: 10}
    decided = decide(holding(SOON, LATER, NEVER), posting(Kind.RETURNED, 35, lots=(C,)), at=AT)
    assert decided.movement.changes == (("available", -30), ("deficit", -5), ("returned", 35))


def test_expires_what_is_left_of_a_dead_lot() -> None:
    decided = decide(holding(SOON, LATER), posting(Kind.EXPIRED, lots=(A,)), at=AT + DAY)

    assert decided.movement.changes == (("available", -10), ("expired", 10))
    assert decided.after.lots == (LATER,)


def test_refuses_to_expire_a_living_lot() -> None:
    with pytest.raises(NothingToExpire):
        decide(holding(SOON), posting(Kind.EXPIRED, lots=(A,)), at=AT)


def test_the_reversal_of_a_redemption_gives_the_points_back_to_their_lots() -> None:
    spent = (structs.replace(SOON, remaining=4), structs.replace(LATER, remaining=6))
    undo = posting(Kind.REVERSED, 10, reverses=Reversed(A, Kind.REDEEMED, spent))
    account = holding(structs.replace(LATER, remaining=3))
    account.buckets.update(redeemed=10, issued=-13)

    after = decide(account, undo, at=AT).after

    assert [(lot.id, lot.remaining) for lot in after.lots] == [(A, 4), (B, 9)]
    assert (after.buckets["available"], after.buckets["redeemed"]) == (13, 0)


def test_the_reversal_of_a_redemption_pays_what_is_owed_first() -> None:
    spent = (structs.replace(SOON, remaining=4), structs.replace(LATER, remaining=6))
    undo = posting(Kind.REVERSED, 10, reverses=Reversed(A, Kind.REDEEMED, spent))

    after = decide(holding(owed=5), undo, at=AT).after

    assert [(lot.id, lot.remaining) for lot in after.lots] == [(B, 5)]
    assert (after.buckets["available"], after.buckets["deficit"]) == (5, 0)


def test_the_reversal_of_an_earning_that_was_spent_is_owed() -> None:
    undo = posting(Kind.REVERSED, 50, lots=(C,), reverses=Reversed(C, Kind.EARNED))

    decided = decide(holding(SOON), undo, at=AT)

    assert decided.movement.changes == (("available", -10), ("deficit", -40), ("issued", 50))


def test_refuses_more_than_the_ledger_can_count() -> None:
    account = structs.replace(EMPTY, buckets=NO_POINTS | {"issued": -(10**15)})

    with pytest.raises(BalanceTooLarge):
        decide(account, posting(Kind.EARNED, 1), at=AT)


def test_postings_of_one_account_are_decided_upon_each_other() -> None:
    first, second, third = run(
        EMPTY, posting(Kind.EARNED, 10, id=A), posting(Kind.REDEEMED, 11), posting(Kind.REDEEMED, 10)
    )

    assert isinstance(first, Decided)
    assert isinstance(second, InsufficientPoints)
    assert third.after.buckets["available"] == 0
    assert [take.lot_id for take in third.movement.takes] == [A]


def test_the_same_cause_twice_in_one_list_has_one_effect() -> None:
    first, second = run(
        EMPTY, posting(Kind.EARNED, 10, id=A, source_key="k"), posting(Kind.EARNED, 10, id=B, source_key="k")
    )

    assert (first.posting.id, second.id, second.is_repeated) == (A, A, True)


@pytest.mark.parametrize(
    "other",
    [
        posting(Kind.EARNED, 11, source_key="k"),
        posting(Kind.ADJUSTED, 10, source_key="k"),
        structs.replace(posting(Kind.EARNED, 10, source_key="k"), member_id=A),
    ],
)
def test_another_posting_with_a_known_key_is_refused(other: Posting) -> None:
    earlier = posted(decide(EMPTY, posting(Kind.EARNED, 10, source_key="k"), at=AT), at=AT)

    (outcome,) = decide_all({}, [other], {"k": earlier}, at=AT)

    assert isinstance(outcome, SourceKeyReused)


def test_an_adjustment_of_the_other_sign_with_a_known_key_is_refused() -> None:
    up = posting(Kind.ADJUSTED, 10, source_key="k")
    down = posting(Kind.ADJUSTED, -10, source_key="k")
    same = posting(Kind.ADJUSTED, 10, source_key="k")

    made, refused, repeated = run(EMPTY, up, down, same)

    assert isinstance(refused, SourceKeyReused)
    assert (repeated.id, repeated.is_repeated) == (made.posting.id, True)


def test_a_member_without_an_account_has_nothing_to_spend() -> None:
    (outcome,) = decide_all({}, [posting(Kind.REDEEMED, 1)], {}, at=AT)

    assert isinstance(outcome, InsufficientPoints)
    assert outcome.members == {"requested": 1, "available": 0}


commands = st.lists(
    st.one_of(
        st.builds(
            lambda points, days: posting(Kind.EARNED, points, expires_at=None if days is None else AT + days * DAY),
            st.integers(1, 100),
            st.one_of(st.none(), st.integers(-2, 5)),
        ),
        st.builds(posting, st.just(Kind.REDEEMED), st.integers(1, 150)),
        st.builds(posting, st.just(Kind.ADJUSTED), st.integers(-80, 80).filter(bool)),
        st.builds(posting, st.just(Kind.RETURNED), st.integers(1, 120)),
    ),
    max_size=30,
)


@given(commands)
def test_whatever_is_posted_buckets_sum_to_zero_and_lots_hold_what_is_available(postings: list[Posting]) -> None:
    outcomes = run(EMPTY, *postings)

    books = [outcome for outcome in outcomes if not isinstance(outcome, DomainError)]
    for decided in books:
        buckets, lots = decided.after.buckets, decided.after.lots
        assert sum(buckets.values()) == 0
        assert sum(lot.remaining for lot in lots) == buckets["available"] >= 0 >= buckets["deficit"]
        assert all(lot.remaining > 0 for lot in lots)
        assert list(lots) == sorted(lots, key=spending_order)
    versions = [decided.after.version for decided in books]
    assert versions == sorted(versions)


@given(commands, st.randoms())
def test_the_order_of_other_members_postings_changes_nothing(postings: list[Posting], random: Any) -> None:
    mixed = [structs.replace(one, member_id=UUID(int=random.randint(100, 103))) for one in postings]
    apart = {
        member: decide_all({}, [one for one in mixed if one.member_id == member], {}, at=AT)
        for member in {one.member_id for one in mixed}
    }

    together = decide_all({}, mixed, {}, at=AT)

    for member, expected in apart.items():
        found = [outcome for one, outcome in zip(mixed, together, strict=True) if one.member_id == member]
        assert [repr(outcome) for outcome in found] == [repr(outcome) for outcome in expected]
