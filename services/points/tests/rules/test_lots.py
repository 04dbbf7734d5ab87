"""Lots of an account: what is taken back is found from the last one on, what is spent from the first."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from points.ledger.rules.lots import lots_after, named
from points.ledger.rules.values import NO_POINTS, Account, Lot, Movement, Take
from shared.ids import new_id

IDS = [new_id() for _ in range(6)]
LOTS = tuple(Lot(one, 5, None, number) for number, one in enumerate(IDS))


@given(st.dictionaries(st.sampled_from(IDS), st.integers(1, 5)))
def test_what_is_left_of_lots_is_what_they_had_less_what_was_taken(taken: dict[Any, int]) -> None:
    account = Account(1, new_id(), new_id(), NO_POINTS, 0, LOTS)
    takes = tuple(Take(one, points, None) for one, points in taken.items())

    left = [(lot.id, lot.remaining) for lot in lots_after(account, Movement((), takes))]

    assert left == [(one, 5 - taken.get(one, 0)) for one in IDS if taken.get(one, 0) < 5]


@given(st.sets(st.sampled_from([*IDS, new_id()])))
def test_those_that_are_named_come_in_their_order(ids: set[Any]) -> None:
    assert named(LOTS, ids) == [lot for lot in LOTS if lot.id in ids]


def test_no_lot_before_the_one_that_is_named_is_looked_at() -> None:
    unseen: Any = object()

    assert named((unseen, *LOTS[-2:]), [IDS[-1]]) == [LOTS[-1]]
