"""Who has not enough to stay keeps the tier for some days more, and falls then, if the new period says no better."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from points.tiers.operations import judge_periods, next_end, tell_expiring
from shared.contracts.tiers import TierExpiring
from shared.testing import roles
from shared.testing.messages import published
from tests.factories import AT, buy, give, make_programme, take_back
from tests.tier_factories import by_hand, changes, code, make_tiers, tier

pytestmark = pytest.mark.django_db
ME = roles.MEMBER.id
DAY, INSTANT = timedelta(days=1), timedelta(microseconds=1)
# In Berlin: of the first year the tier is kept, of the second one there is not enough.
FIRST, SECOND = datetime(2026, 12, 31, 23, tzinfo=UTC), datetime(2027, 12, 31, 23, tzinfo=UTC)
END = SECOND + 60 * DAY
GOLD = (None, "gold", AT, "earned")


@pytest.fixture(autouse=True)
def programme() -> Any:
    return make_programme(lot_days=None)


def begin(**said: Any) -> None:
    """Let me be in gold when a year begins in which I earn 90, where 400 are enough to stay."""
    make_tiers(**{"grace_days": 60} | said)
    give(ME, 500)
    give(ME, 90, at=FIRST + DAY)


def grace_of(at: datetime) -> Any:
    found = tier(ME, at=at)
    return found.grace and found.grace.until.isoformat(), found.until, found.projected and found.projected.code


@pytest.mark.parametrize("is_judged", [True, False])
def test_a_tier_is_kept_for_days_more_and_lost_then_whenever_a_run_comes(*, is_judged: bool) -> None:
    begin()
    assert grace_of(SECOND - INSTANT) == (None, SECOND, "silver")
    if is_judged:
        assert judge_periods(at=SECOND) == 1

    assert [code(ME, at=at) for at in (SECOND, END - INSTANT, END)] == ["gold", "gold", "silver"]
    assert grace_of(SECOND) == ("2028-03-01", END, "silver")
    assert grace_of(END) == (None, datetime(2028, 12, 31, 23, tzinfo=UTC), None)
    assert judge_periods(at=END + 9 * DAY) == 1
    assert changes(ME) == [GOLD, ("gold", "silver", END, "grace_ended")]


def test_the_test_clock_stops_where_a_grace_ends() -> None:
    begin()
    judge_periods(at=SECOND)

    assert next_end(SECOND) == END


def test_who_earns_enough_to_stay_in_the_new_period_keeps_the_tier_and_its_progress_counts() -> None:
    begin()
    give(ME, 400, at=END - DAY)
    found = tier(ME, at=END - DAY)
    assert (found.at_end, found.projected and found.projected.code) == (400, "gold")

    # What is posted later says nothing of the grace that was over before.
    give(ME, 10, at=END + DAY)
    assert (changes(ME), grace_of(END + DAY)) == ([GOLD], (None, datetime(2028, 12, 31, 23, tzinfo=UTC), "gold"))


def test_what_comes_after_the_grace_is_too_late_for_it() -> None:
    begin()
    give(ME, 400, at=END)

    assert changes(ME) == [GOLD, ("gold", "silver", END, "grace_ended")]


def test_all_the_way_down_goes_to_what_the_new_period_reached() -> None:
    make_tiers(downgrade="all", grace_days=60)
    give(ME, 500)
    give(ME, 120, at=SECOND + DAY)
    judge_periods(at=END)

    assert changes(ME) == [GOLD, ("gold", "silver", END, "grace_ended")]


def test_who_rises_in_grace_keeps_what_was_reached() -> None:
    begin()
    shoes = buy(ME, {"1": (1, 100_000)}, at=SECOND + DAY)
    assert (code(ME, at=SECOND + DAY), grace_of(SECOND + DAY)[0]) == ("diamond", None)
    judge_periods(at=END)
    assert code(ME, at=END) == "diamond"

    # Gold is kept by the thousand that there were at the end of the grace; the rest of it is not.
    take_back(shoes, at=END + DAY)
    assert changes(ME)[1:] == [
        ("gold", "diamond", SECOND + DAY, "earned"),
        ("diamond", "gold", END + DAY, "taken_back"),
    ]


def test_a_return_in_grace_takes_nothing_of_what_is_kept() -> None:
    make_tiers(grace_days=60)
    give(ME, 500)
    shoes = buy(ME, {"1": (1, 9_000)}, at=FIRST + DAY)
    take_back(shoes, at=SECOND + DAY)

    assert [code(ME, at=at) for at in (SECOND + DAY, END)] == ["gold", "silver"]


def test_below_a_tier_by_hand_grace_goes_on_and_ends() -> None:
    begin()
    by_hand(ME, "diamond", until=END + DAY, at=SECOND + DAY)
    assert (code(ME, at=END), tier(ME, at=END).standing.tier) == ("diamond", "silver")

    judge_periods(at=END + DAY)
    assert changes(ME)[1:] == [
        ("gold", "diamond", SECOND + DAY, "override"),
        ("diamond", "silver", END + DAY, "override_ended"),
    ]


def test_a_year_of_grace_and_a_day_is_one_grace() -> None:
    begin(grace_days=366)
    third = datetime(2028, 12, 31, 23, tzinfo=UTC)
    # 2028 has 366 days: the grace ends with the year, and the tier below has its own one from then on.
    judge_periods(at=third)

    assert changes(ME) == [GOLD, ("gold", "silver", third, "grace_ended")]
    assert grace_of(third)[0] == "2030-01-02"


def test_a_notice_says_until_when_the_tier_is_kept_all_the_same() -> None:
    begin(notice_days=30)
    tell_expiring(at=SECOND - 30 * DAY)
    (message,) = published(TierExpiring)

    assert (message.projected, message.until, message.grace_until) == ("silver", SECOND, END)
    # In grace nobody is told again.
    assert tell_expiring(at=END - DAY) == 0
