"""What is told late of the period that ended last lets its end be judged again, where the programme says so."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from points.ledger.operations import merge_members
from points.members.operations import note_registered
from points.programmes.queries import default_programme
from points.tiers import operations
from points.tiers.operations import judge_periods
from points.tiers.rules import Start
from shared.ids import new_id
from shared.testing import roles
from tests.factories import AT, buy, give, make_programme, take_back
from tests.tier_factories import (
    ANNIVERSARY,
    CALENDAR,
    DIAMOND,
    GOLD,
    ROLLING,
    SILVER,
    by_hand,
    changes,
    code,
    make_tiers,
    tier,
)

pytestmark = pytest.mark.django_db
ME, OTHER = roles.MEMBER.id, roles.OTHER_MEMBER.id
DAY = timedelta(days=1)
# In Berlin.
FIRST, SECOND = datetime(2026, 12, 31, 23, tzinfo=UTC), datetime(2027, 12, 31, 23, tzinfo=UTC)
THIRD = datetime(2028, 12, 31, 23, tzinfo=UTC)
LATE = SECOND + 3 * DAY
IN_GOLD = (None, "gold", AT, "earned")
FELL = ("gold", "silver", SECOND, "period_end")


@pytest.fixture(autouse=True)
def programme() -> Any:
    return make_programme(lot_days=None)


def begin(second: int = 90, **said: Any) -> Any:
    """Let me be in gold when a year begins in which I buy for so many points, where 400 are enough to stay."""
    make_tiers(**{"requalify": True} | said)
    give(ME, 500)
    shoes = buy(ME, {"1": (1, second * 100)}, at=FIRST + DAY)
    judge_periods(at=SECOND)
    return shoes


def earn_late(points: int, *, at: datetime = LATE, of: datetime = SECOND - DAY) -> None:
    give(ME, points, at=at, occurred_at=of)


@pytest.mark.parametrize(
    ("said", "after"), [({}, "gold"), ({"requalify": False}, "silver"), ({"requalify": None}, "silver")]
)
def test_who_would_have_had_enough_has_the_tier_again_from_then_on(said: Any, after: str) -> None:
    begin(**said)
    earn_late(309)
    assert code(ME, at=LATE) == "silver"
    earn_late(1)

    assert code(ME, at=LATE) == after
    assert changes(ME) == [IN_GOLD, FELL, *([("silver", "gold", LATE, "requalified")] if after == "gold" else [])]
    # It counts nothing in the period that it is told in.
    assert tier(ME, at=LATE).progress == 0


def test_it_is_judged_whether_or_not_a_run_came_before() -> None:
    make_tiers(requalify=True)
    give(ME, 500)
    earn_late(400)

    assert changes(ME) == [IN_GOLD, FELL, ("silver", "gold", LATE, "requalified")]


def test_what_is_had_again_stays_until_the_next_end_whatever_is_returned_of_the_new_period() -> None:
    begin()
    earn_late(310)
    shoes = buy(ME, {"1": (1, 5_000)}, at=LATE + DAY)
    take_back(shoes, at=LATE + 2 * DAY)

    assert [code(ME, at=at) for at in (LATE + 2 * DAY, THIRD)] == ["gold", "silver"]


def test_a_tier_above_is_reached_late_too() -> None:
    begin()
    earn_late(910)

    assert changes(ME)[2:] == [("silver", "diamond", LATE, "requalified")]


def test_only_the_period_that_ended_last_is_judged_again() -> None:
    begin()
    judge_periods(at=THIRD)
    earn_late(500, at=THIRD + DAY)

    assert changes(ME)[2:] == [("silver", None, THIRD, "period_end")]


def test_the_threshold_is_that_of_the_end() -> None:
    begin()
    make_tiers(SILVER, GOLD | {"stay": 95}, DIAMOND, at=SECOND + DAY, requalify=True)
    earn_late(300)
    assert code(ME, at=LATE) == "silver"

    earn_late(10)
    assert code(ME, at=LATE) == "gold"


@pytest.mark.parametrize(("returns", "after"), [("at_once", "silver"), ("period_end", "gold")])
def test_a_return_takes_a_tier_that_was_kept_by_it(returns: str, after: str) -> None:
    shoes = begin(400, returns=returns)
    take_back(shoes, amount=100, at=LATE)

    assert code(ME, at=LATE) == after
    assert changes(ME)[1:] == ([("gold", "silver", LATE, "taken_back")] if after == "silver" else [])


@pytest.mark.parametrize(("downgrade", "grace"), [("one", None), ("all", None), ("one", 60)])
def test_a_tier_that_the_returned_purchase_gave_is_gone_as_if_it_had_been_told_in_time(
    downgrade: str, grace: int | None
) -> None:
    make_tiers(requalify=True, downgrade=downgrade, grace_days=grace)
    shoes = buy(ME, {"1": (1, 60_000)}, at=FIRST + DAY)
    judge_periods(at=SECOND)
    take_back(shoes, at=LATE)

    assert changes(ME) == [(None, "gold", FIRST + DAY, "earned"), ("gold", None, LATE, "taken_back")]


def test_a_part_that_is_returned_leaves_what_the_rest_reaches() -> None:
    make_tiers(requalify=True)
    shoes = buy(ME, {"1": (1, 60_000)}, at=FIRST + DAY)
    judge_periods(at=SECOND)
    # Enough to stay in gold, and not to enter it.
    take_back(shoes, amount=15_000, at=LATE)
    assert changes(ME)[1:] == [("gold", "silver", LATE, "taken_back")]

    earn_late(50)
    assert changes(ME)[2:] == [("silver", "gold", LATE, "requalified")]


@pytest.mark.parametrize("window", [None, ANNIVERSARY])
def test_who_was_first_told_of_after_the_end_has_the_tier_too(window: Any) -> None:
    make_tiers(requalify=True, window=window or CALENDAR)
    note_registered([(who := new_id(), datetime(2025, 1, 1, 12, tzinfo=UTC))])
    give(who, 500, at=LATE, occurred_at=SECOND - DAY)

    assert changes(who) == [(None, "gold", LATE, "requalified")]
    assert (tier(who, at=LATE).progress, tier(who, at=LATE).until) == (0, THIRD)


def test_whose_years_begin_now_has_none_before() -> None:
    make_tiers(requalify=True, window=ANNIVERSARY)
    give(who := new_id(), 500, at=LATE, occurred_at=SECOND - DAY)

    assert changes(who) == []


def test_a_period_that_ended_before_there_were_tiers_is_not_judged() -> None:
    make_tiers(requalify=True)
    give(ME, 500, occurred_at=datetime(2025, 12, 30, tzinfo=UTC))

    assert changes(ME) == []


@pytest.mark.parametrize("grace", [None, 60])
def test_in_another_order_an_earning_takes_no_tier_and_a_return_gives_none(grace: int | None) -> None:
    one, two = SILVER | {"code": "one"}, GOLD | {"code": "two"}
    said: dict[str, Any] = {"requalify": True, "grace_days": grace}
    make_tiers(one, two, **said)
    boots = buy(OTHER, {"1": (1, 60_000)}, at=FIRST + DAY)
    give(ME, 20, at=FIRST + DAY)
    judge_periods(at=SECOND)
    make_tiers(SILVER | {"code": "two"}, GOLD | {"code": "one"}, at=SECOND + DAY, **said)

    earn_late(100)
    assert changes(ME) == [(None, "one", LATE, "requalified")]
    earn_late(500, at=LATE + DAY)
    take_back(boots, amount=30_000, at=LATE + DAY)
    assert (changes(ME)[1:], changes(OTHER)[1:]) == ([], [])


def test_a_return_leaves_what_the_new_period_reached() -> None:
    shoes = begin(400, downgrade="all")
    give(ME, 120, at=SECOND + DAY)
    take_back(shoes, at=LATE)
    assert changes(ME)[1:] == [("gold", "silver", LATE, "taken_back")]

    give(ME, 900, at=LATE + DAY)
    assert code(ME, at=LATE + DAY) == "diamond"


def test_a_return_of_a_rise_in_the_new_period_goes_down_to_the_end_as_judged_again() -> None:
    shoes = begin(400, downgrade="all")
    boots = buy(ME, {"1": (1, 100_000)}, at=SECOND + DAY)
    take_back(shoes, at=LATE)
    assert code(ME, at=LATE) == "diamond"

    take_back(boots, at=LATE + DAY)
    assert changes(ME)[1:] == [
        ("gold", "diamond", SECOND + DAY, "earned"),
        ("diamond", None, LATE + DAY, "taken_back"),
    ]


def test_in_grace_who_would_have_had_enough_keeps_the_tier() -> None:
    begin(grace_days=60)
    assert tier(ME, at=LATE).grace
    earn_late(310)

    assert tier(ME, at=LATE).grace is None
    assert changes(ME) == [IN_GOLD]
    assert code(ME, at=SECOND + 61 * DAY) == "gold"


def test_in_grace_more_that_is_not_enough_lets_one_fall_less_deep() -> None:
    begin(70, downgrade="all", grace_days=60)
    earn_late(10)

    assert changes(ME) == [IN_GOLD]
    assert code(ME, at=SECOND + 61 * DAY) == "silver"


def test_a_return_begins_the_grace_of_the_end_or_lets_one_fall_deeper() -> None:
    shoes = begin(400, downgrade="all", grace_days=60)
    take_back(shoes, amount=100, at=LATE)
    assert (code(ME, at=LATE), tier(ME, at=LATE).until) == ("gold", SECOND + 60 * DAY)

    take_back(shoes, amount=35_000, at=LATE)
    assert changes(ME) == [IN_GOLD]
    assert code(ME, at=SECOND + 60 * DAY) is None


def test_a_return_after_the_days_of_grace_takes_the_tier_at_once() -> None:
    shoes = begin(400, grace_days=60)
    take_back(shoes, at=SECOND + 60 * DAY)

    assert changes(ME)[1:] == [("gold", "silver", SECOND + 60 * DAY, "taken_back")]


def test_what_the_new_period_kept_in_grace_no_return_of_the_one_before_takes() -> None:
    shoes = begin(90, downgrade="all", grace_days=60)
    give(ME, 400, at=SECOND + DAY)
    take_back(shoes, at=SECOND + 70 * DAY)

    assert (code(ME, at=SECOND + 70 * DAY), changes(ME)) == ("gold", [IN_GOLD])


def test_what_was_brought_from_elsewhere_since_is_kept_by_that() -> None:
    shoes = begin(100, downgrade="all")
    operations.import_tiers(default_programme(), [Start(ME, "gold")], actor_id=roles.OPERATOR.id, at=SECOND + DAY)
    take_back(shoes, at=LATE)
    earn_late(1_000)

    assert changes(ME)[2:] == [("silver", "gold", SECOND + DAY, "imported")]


def test_no_end_before_a_merge_is_judged_again() -> None:
    begin()
    give(OTHER, 10, at=SECOND + DAY)
    merge_members(from_member_id=OTHER, into_member_id=ME, reason="two cards", actor_id=roles.OPERATOR.id, at=LATE)
    earn_late(1_000, at=LATE + DAY)

    assert changes(ME) == [IN_GOLD, FELL]


def test_below_a_tier_by_hand_it_is_judged_again() -> None:
    begin()
    by_hand(ME, "diamond", until=LATE + DAY, at=SECOND + DAY)
    earn_late(310)

    judge_periods(at=LATE + DAY)
    assert code(ME, at=LATE + DAY) == "gold"
    assert changes(ME)[2:] == [
        ("silver", "diamond", SECOND + DAY, "override"),
        ("diamond", "gold", LATE + DAY, "override_ended"),
    ]


def test_of_a_rolling_window_its_days_before_the_end_are_judged_again() -> None:
    make_tiers(window=ROLLING, requalify=True)
    give(ME, 100)
    end = datetime(2026, 3, 30, 22, tzinfo=UTC)
    judge_periods(at=end + 30 * DAY)
    assert changes(ME)[1:] == [("silver", None, end + 30 * DAY, "period_end")]

    give(ME, 80, at=end + 50 * DAY, occurred_at=end + DAY)
    assert changes(ME)[2:] == [(None, "silver", end + 50 * DAY, "requalified")]
