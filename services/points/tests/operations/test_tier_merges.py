"""Members with different anniversaries, one of whom is merged into the other: whose years end, and what counts in them.

What comes out was worked out on paper from docs/points/tiers.md, without the reference model: silver is from 100, and
80 to stay; gold from 500, and 400 to stay; diamond from 1,000.
"""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from points.ledger.operations import merge_members
from points.members.operations import note_registered
from points.purchases.rules.purchases import Purchase
from points.tiers.operations import judge_periods, next_end
from shared.ids import new_id
from shared.testing import roles
from tests.factories import buy, make_programme, prove, take_back
from tests.tier_factories import ANNIVERSARY, changes, make_tiers, tier

pytestmark = pytest.mark.django_db
INSTANT = timedelta(microseconds=1)
# When the 10th of June and the 26th of October begin in Berlin, where the clocks went back on 25 October 2026.
TENTHS = {year: datetime(year, 6, 9, 22, tzinfo=UTC) for year in range(2026, 2031)}
TWENTY_SIXTHS = {year: datetime(year, 10, 25, 23 if year == 2026 else 22, tzinfo=UTC) for year in range(2026, 2030)}


def first_of(month: int, year: int) -> datetime:
    return datetime(year, month, 1, 12, tzinfo=UTC)


MAY, MERGED, RETURNED = first_of(5, 2026), first_of(8, 2027), first_of(9, 2027)


def joined(at: datetime) -> UUID:
    who = new_id()
    note_registered([(who, at)])
    return who


def bought(who: UUID, points: int, at: datetime) -> Purchase:
    return buy(who, {"1": (1, points * 100)}, at=at)


def merge(old: UUID, new: UUID, *, at: datetime) -> None:
    merge_members(from_member_id=old, into_member_id=new, reason="two cards", actor_id=roles.OPERATOR.id, at=at)


class Two(NamedTuple):
    """Anna, whose years begin on 10 June, and Ben, whose on 26 October, and what both bought in November."""

    anna: UUID
    ben: UUID
    annas: Purchase
    bens: Purchase


def two_until_the_merge(*, runs: bool) -> Two:
    """Let both buy before and after each of their anniversaries: in the years under way she earned 240, and he 390."""
    make_programme()
    make_tiers(window=ANNIVERSARY)
    anna, ben = (joined(datetime(2025, *day, 12, tzinfo=UTC)) for day in ((6, 10), (10, 26)))
    both_buy(anna, 300, ben, 150, MAY)
    year_ends(TENTHS[2026], runs=runs)
    both_buy(anna, 280, ben, 230, first_of(7, 2026))
    year_ends(TWENTY_SIXTHS[2026], runs=runs)
    annas, bens = both_buy(anna, 60, ben, 120, first_of(11, 2026))
    year_ends(TENTHS[2027], runs=runs)
    both_buy(anna, 240, ben, 270, first_of(7, 2027))
    assert [tier(who, at=MERGED).progress for who in (anna, ben)] == [240, 390]
    return Two(anna, ben, annas, bens)


def both_buy(one: UUID, ones: int, other: UUID, others: int, at: datetime) -> tuple[Purchase, Purchase]:
    return bought(one, ones, at), bought(other, others, at)


def year_ends(boundary: datetime, *, runs: bool, judged: int = 1) -> None:
    """Judge so many members at an instant, and nobody before it, where runs are in time."""
    if runs:
        assert [judge_periods(at=boundary - INSTANT), judge_periods(at=boundary)] == [0, judged]


IN_TIME_OR_LATE = pytest.mark.parametrize("runs", [True, False], ids=["runs in time", "one run, years later"])


@IN_TIME_OR_LATE
def test_what_the_merged_member_earned_counts_in_the_years_of_the_other_one(runs: bool) -> None:
    anna, ben, _, bens = two_until_the_merge(runs=runs)

    # Of his 390 the 120 of November are of the year of hers that is over.
    merge(ben, anna, at=MERGED)
    assert tier(anna, at=MERGED).progress == 240 + 270
    # So what comes back of them moves nothing of this year.
    take_back(bens, at=RETURNED)
    assert tier(anna, at=RETURNED).progress == 510
    # His year ends no more.
    year_ends(TWENTY_SIXTHS[2027], runs=runs, judged=0)
    bought(anna, 20, first_of(11, 2027))
    # 530 are enough to stay in gold, and the 260 that she earned herself are not.
    year_ends(TENTHS[2028], runs=runs)
    bought(anna, 90, first_of(7, 2028))
    # 90 are not enough to stay in gold, nor 0 in silver.
    year_ends(TENTHS[2029], runs=runs)
    year_ends(TENTHS[2030], runs=runs)
    judge_periods(at=TENTHS[2030])

    assert changes(anna) == [
        (None, "silver", MAY, "earned"),
        ("silver", "gold", MERGED, "merged"),
        ("gold", "silver", TENTHS[2029], "period_end"),
        ("silver", None, TENTHS[2030], "period_end"),
    ]
    assert changes(ben) == [(None, "silver", MAY, "earned"), ("silver", None, MERGED, "merged")]
    prove()


@IN_TIME_OR_LATE
def test_the_other_way_round_the_years_of_the_other_one_go_on(runs: bool) -> None:
    anna, ben, annas, _ = two_until_the_merge(runs=runs)

    # Her 60 of November are of his year, too, and of hers that was over.
    merge(anna, ben, at=MERGED)
    assert tier(ben, at=MERGED).progress == 390 + 240 + 60
    take_back(annas, at=RETURNED)
    assert tier(ben, at=RETURNED).progress == 630
    # 630 are enough to stay in gold, and the 390 that he earned himself are not.
    year_ends(TWENTY_SIXTHS[2027], runs=runs)
    bought(ben, 20, first_of(11, 2027))
    # Her year ends no more.
    year_ends(TENTHS[2028], runs=runs, judged=0)
    bought(ben, 90, first_of(7, 2028))
    assert tier(ben, at=first_of(7, 2028)).progress == 20 + 90
    # 110 are not enough to stay in gold, nor 0 in silver.
    year_ends(TWENTY_SIXTHS[2028], runs=runs)
    year_ends(TWENTY_SIXTHS[2029], runs=runs)
    judge_periods(at=TWENTY_SIXTHS[2029])

    assert changes(ben) == [
        (None, "silver", MAY, "earned"),
        ("silver", "gold", MERGED, "merged"),
        ("gold", "silver", TWENTY_SIXTHS[2028], "period_end"),
        ("silver", None, TWENTY_SIXTHS[2029], "period_end"),
    ]
    assert changes(anna) == [(None, "silver", MAY, "earned"), ("silver", None, MERGED, "merged")]
    prove()


@pytest.mark.parametrize(
    ("zone", "hours"), [("Europe/Berlin", 1), ("Pacific/Tongatapu", 13), ("Pacific/Pago_Pago", -11)]
)
@pytest.mark.parametrize("merged", ["before hers", "at hers", "before his", "at his"])
def test_a_merge_at_an_anniversary_comes_after_the_end_of_that_year(zone: str, hours: int, merged: str) -> None:
    """She joined on 29 February, so that her year ends on the 28th in 2027, and his a day later."""
    offset = timezone(timedelta(hours=hours))
    hers, his, leap, last = (
        datetime(*day, tzinfo=offset) for day in ((2027, 2, 28), (2027, 3, 1), (2028, 2, 29), (2029, 2, 28))
    )
    make_programme(timezone=zone)
    make_tiers(window=ANNIVERSARY)
    anna, ben = (joined(datetime(*day, 12, tzinfo=offset)) for day in ((2024, 2, 29), (2025, 3, 1)))
    bought(anna, 300, MAY)
    shoes = bought(ben, 500, MAY)
    assert next_end(MAY) == hers

    at = {"before hers": hers - INSTANT, "at hers": hers, "before his": his - INSTANT, "at his": his}[merged]
    merge(ben, anna, at=at)
    assert tier(anna, at=at).progress == (800 if merged == "before hers" else 0)
    back = his + timedelta(days=4)
    take_back(shoes, at=back)
    judge_periods(at=last)

    # Before the end of her year both have 800 in it, which are enough to stay in gold. After the end of his he had kept
    # it by 500. What is returned later takes no tier that was kept; between both it takes the one that it had given.
    expected: dict[bool, list[tuple[Any, ...]]] = {
        True: [("gold", "silver", leap, "period_end"), ("silver", None, last, "period_end")],
        False: [("gold", "silver", back, "taken_back"), ("silver", None, leap, "period_end")],
    }
    is_kept = merged in ("before hers", "at his")
    assert changes(anna) == [
        (None, "silver", MAY, "earned"), ("silver", "gold", at, "merged"), *expected[is_kept]
    ]  # fmt: skip
    assert changes(ben) == [(None, "gold", MAY, "earned"), ("gold", None, at, "merged")]
    prove()
