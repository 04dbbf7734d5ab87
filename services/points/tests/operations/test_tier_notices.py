"""Members are told before their tier ends: who would fall, once in a period, as of the instant."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from points.due import DUE
from points.tiers.operations import judge_periods, next_notice, tell_expiring
from shared.contracts.tiers import TierExpiring
from shared.ids import new_id
from shared.testing import roles
from shared.testing.messages import published
from tests.factories import AT, give, make_programme
from tests.tier_factories import GOLD, ROLLING, SILVER, by_hand, changes, make_tiers

pytestmark = pytest.mark.django_db
ME, OTHER = roles.MEMBER.id, roles.OTHER_MEMBER.id
DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)
# In Berlin: of the first year the tier is kept, of the second one it would be lost.
FIRST, SECOND = datetime(2026, 12, 31, 23, tzinfo=UTC), datetime(2027, 12, 31, 23, tzinfo=UTC)
DUE_AT = SECOND - 30 * DAY


@pytest.fixture(autouse=True)
def programme() -> Any:
    return make_programme(lot_days=None)


def told() -> list[tuple[Any, ...]]:
    return [(one.member_id, one.tier, one.projected, one.missing, one.until) for one in published(TierExpiring)]


def in_the_second_year(*points: int, **said: Any) -> None:
    """Let me be in gold when a year begins, and earn so much in it."""
    make_tiers(**{"notice_days": 30} | said)
    give(ME, 500)
    judge_periods(at=FIRST)
    for number in points:
        give(ME, number, at=FIRST + DAY)


def test_who_would_fall_is_told_once_at_the_instant() -> None:
    in_the_second_year(90)

    assert next_notice(FIRST) == DUE_AT
    assert tell_expiring(at=DUE_AT - INSTANT) == 0
    assert [tell_expiring(at=DUE_AT), tell_expiring(at=DUE_AT + DAY)] == [1, 0]
    assert told() == [(ME, "gold", "silver", 310, SECOND)]
    assert next_notice(DUE_AT) is None


def test_the_test_clock_stops_where_members_are_to_be_told() -> None:
    in_the_second_year(90)
    due = {one.kind: one for one in DUE}["tier_notices"]

    assert due.next(FIRST) == DUE_AT
    assert [due.run(DUE_AT - INSTANT), due.run(DUE_AT), due.run(DUE_AT)] == [0, 1, 0]


def test_the_first_period_in_which_a_tier_is_reached_keeps_it_and_nobody_is_told() -> None:
    make_tiers(notice_days=30)
    give(ME, 500)
    give(OTHER, 10)

    assert tell_expiring(at=FIRST - DAY) == 0
    assert told() == []


def test_what_is_posted_after_a_notice_was_due_tells_it_before_by_what_was_there() -> None:
    in_the_second_year(90)
    give(ME, 400, at=DUE_AT + DAY)

    assert told() == [(ME, "gold", "silver", 310, SECOND)]
    # Who was told and earned enough then gets no correction: the tier stays.
    assert tell_expiring(at=DUE_AT + 2 * DAY) == 0
    judge_periods(at=SECOND)
    assert changes(ME) == [(None, "gold", AT, "earned")]


def test_who_has_enough_to_stay_is_not_told_also_when_it_is_taken_back_later() -> None:
    in_the_second_year(400)

    assert [tell_expiring(at=DUE_AT), tell_expiring(at=SECOND - INSTANT)] == [0, 0]


def test_nobody_is_told_of_what_is_over() -> None:
    in_the_second_year(90)
    judge_periods(at=SECOND)

    assert tell_expiring(at=SECOND) == 0
    assert told() == []


def test_each_period_tells_by_itself() -> None:
    in_the_second_year(90)
    tell_expiring(at=DUE_AT)
    judge_periods(at=SECOND)
    third = datetime(2028, 12, 31, 23, tzinfo=UTC)

    assert tell_expiring(at=third - 30 * DAY) == 1
    assert told()[1:] == [(ME, "silver", None, 80, third)]


@pytest.mark.parametrize(("until", "count"), [(None, 0), (SECOND + INSTANT, 0), (SECOND, 1)])
def test_nobody_is_told_while_a_tier_by_hand_lasts_longer(until: datetime | None, count: int) -> None:
    in_the_second_year(90)
    by_hand(ME, "diamond", until=until, at=FIRST + 2 * DAY)

    assert tell_expiring(at=DUE_AT) == count


def test_a_programme_that_tells_nobody_asks_nothing() -> None:
    in_the_second_year(90, notice_days=None)

    assert next_notice(FIRST) is None
    assert tell_expiring(at=SECOND - DAY) == 0


def test_a_programme_that_comes_to_tell_does_so_for_periods_under_way() -> None:
    in_the_second_year(90, notice_days=None)
    make_tiers(notice_days=90, at=SECOND - 10 * DAY)

    assert tell_expiring(at=SECOND - 10 * DAY) == 1
    assert told() == [(ME, "gold", "silver", 310, SECOND)]


def test_a_rolling_window_tells_by_the_days_that_will_be_judged() -> None:
    make_tiers(SILVER, window=ROLLING, notice_days=10)
    give(ME, 50, occurred_at=AT - 20 * DAY)
    give(ME, 50)
    end = datetime(2026, 3, 30, 22, tzinfo=UTC)

    due = datetime(2026, 3, 20, 23, tzinfo=UTC)  # before the clocks change

    assert next_notice(AT) == due
    assert [tell_expiring(at=due - INSTANT), tell_expiring(at=due)] == [0, 1]
    assert told() == [(ME, "silver", None, 30, end)]


@pytest.mark.parametrize("is_late", [False, True])
def test_who_is_in_grace_when_a_notice_is_due_is_not_told_of_that_period_also_by_a_run_after_the_grace(
    is_late: bool,
) -> None:
    make_tiers(SILVER, GOLD, window=ROLLING, notice_days=90, grace_days=5)
    give(ME, 500)
    # When periods begin in Berlin: gold is kept by 500 at the first end, and by grace from the second one on.
    second, third = datetime(2026, 3, 30, 22, tzinfo=UTC), datetime(2026, 4, 29, 22, tzinfo=UTC)
    for at in (second, third + 6 * DAY) if is_late else (second, third, third + 6 * DAY):
        judge_periods(at=at)
        tell_expiring(at=at)

    assert told() == [(ME, "gold", "silver", 400, third)]
    assert changes(ME)[1:] == [("gold", "silver", third + 5 * DAY, "grace_ended")]


def test_members_are_told_in_pieces_each_once() -> None:
    make_tiers(notice_days=30)
    members = [new_id() for _ in range(5)]
    for who in members:
        give(who, 100)
    judge_periods(at=FIRST)

    assert tell_expiring(at=DUE_AT, limit=2, batches=1) == 2
    assert tell_expiring(at=DUE_AT, limit=2) == 3
    assert tell_expiring(at=DUE_AT, limit=2) == 0
    assert sorted(one[0] for one in told()) == sorted(members)
