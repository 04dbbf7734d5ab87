"""Vouchers of one order: in the order of priority, then code, each on what is left."""

from collections.abc import Callable, Sequence
from functools import partial
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.vouchers.stacking import Part, Place, share_beside, shares


def amount(off: int, left: int) -> int:
    return off


def percent(rate: int, most: int, left: int) -> int:
    return min(left * rate // 100, most)


def part(priority: int, code: str, off: Callable[[int], int]) -> Part:
    return Part((priority, code), off)


TEN_OFF = partial(amount, 1000)
MOST = 10**9
EIGHTY = partial(percent, 80, MOST)
ALL_OFF = partial(percent, 100, MOST)

worths = st.one_of(
    st.builds(lambda off: partial(amount, off), st.integers(1, 5000)),
    st.builds(lambda rate, most: partial(percent, rate, most), st.integers(1, 100), st.integers(1, 5000)),
)
parts = st.lists(
    st.builds(part, st.integers(-2, 2), st.text("ABC", min_size=1, max_size=4), worths),
    min_size=1,
    max_size=5,
    unique_by=lambda one: one.place[1],
)


def used_in(order: Sequence[Part], total: int) -> dict[Place, int]:
    """Return what those take off that take anything when they are used one after the other."""
    taken: dict[Place, int] = {}
    for new in order:
        others = [one for one in order if one.place in taken]
        if off := share_beside(total, given=sum(taken.values()), others=others, new=new):
            taken[new.place] = off
    return taken


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (part(1, "A", TEN_OFF), part(2, "B", EIGHTY), [1000, 400]),
        (part(2, "A", TEN_OFF), part(1, "B", EIGHTY), [300, 1200]),
        (part(0, "A", TEN_OFF), part(0, "B", EIGHTY), [1000, 400]),
        (part(0, "B", TEN_OFF), part(0, "A", EIGHTY), [300, 1200]),
    ],
)
def test_lower_priority_comes_first_then_the_code(first: Part, second: Part, expected: list[int]) -> None:
    assert shares(1500, [first, second]) == dict(zip((first.place, second.place), expected, strict=True))


def test_two_that_take_all_take_it_once() -> None:
    assert list(shares(999, [part(0, "A", ALL_OFF), part(0, "B", ALL_OFF)]).values()) == [999, 0]


def test_one_that_comes_before_what_was_used_takes_what_is_lacking() -> None:
    eighty, ten = part(2, "B", EIGHTY), part(1, "A", TEN_OFF)

    # Used the other way round: 10.00, then 80 % of 5.00.
    assert list(used_in([eighty, ten], 1500).values()) == [1200, 200]
    assert list(used_in([ten, eighty], 1500).values()) == [1000, 400]


def test_what_was_rolled_back_is_no_gift_for_the_next() -> None:
    # 10.00 were used first and rolled back; 80 % of what they left stays at 4.00.
    eighty, one_off = part(2, "B", EIGHTY), part(3, "C", partial(amount, 100))

    assert share_beside(1500, given=400, others=[eighty], new=one_off) == 100


@pytest.mark.parametrize("codes", ["AB", "BA"])
def test_what_was_rolled_back_is_left_for_the_next_by_whatever_code(codes: str) -> None:
    # Two of 10.00 took 15.00 together; the first was rolled back, and comes again.
    second, first = (part(0, code, TEN_OFF) for code in codes)

    assert share_beside(1500, given=500, others=[second], new=first) == 1000


@given(st.integers(1, 10_000), parts)
def test_together_they_never_take_more_than_the_order_costs(total: int, found: list[Part]) -> None:
    assert sum(shares(total, found).values()) <= total
    assert sum(used_in(found, total).values()) <= total


@given(st.integers(1, 10_000), parts, st.randoms(use_true_random=False))
def test_they_come_to_the_same_whichever_is_used_first(total: int, found: list[Part], dice: Random) -> None:
    dice.shuffle(found)

    taken = used_in(found, total)

    used = [one for one in found if one.place in taken]
    assert sum(taken.values()) == sum(shares(total, used).values())
    assert all(off > 0 for off in taken.values())
