"""What moves tiers: each road by which points are earned and taken back, and the ends of periods."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from points.ledger import operations as ledger
from points.ledger.posting import post
from points.ledger.rules.earnings import Wait
from points.ledger.rules.values import Kind
from points.members.operations import note_registered
from points.tiers.models import TierProgress
from points.tiers.operations import judge_periods, next_end
from shared.contracts.tiers import TierChanged
from shared.ids import new_id
from shared.testing import roles
from shared.testing.messages import published
from tests.factories import AT, buy, give, make_programme, posting, spend, take_back
from tests.tier_factories import ANNIVERSARY, DIAMOND, GOLD, ROLLING, SILVER, changes, code, make_tiers, tier

pytestmark = pytest.mark.django_db
ME, OTHER = roles.MEMBER.id, roles.OTHER_MEMBER.id
DAY, YEAR = timedelta(days=1), timedelta(days=365)
NEW_YEAR = datetime(2026, 12, 31, 23, tzinfo=UTC)  # in Berlin
INSTANT = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def programme() -> Any:
    return make_programme()


def days_of(member_id: UUID) -> dict[str, int]:
    found = TierProgress.objects.filter(member_id=member_id).order_by("day")
    return {one.day.isoformat(): one.amount for one in found}


def test_a_list_moves_the_tiers_of_many_members_each_in_its_turn() -> None:
    make_tiers()
    gives = [posting(Kind.EARNED, who, points) for who, points in ((ME, 60), (OTHER, 600), (ME, 50), (ME, 400))]
    outcomes = post([*gives, posting(Kind.REDEEMED, ME, 100)], at=AT)

    assert changes(ME) == [(None, "silver", AT, "earned"), ("silver", "gold", AT, "earned")]
    assert changes(OTHER) == [(None, "gold", AT, "earned")]
    assert {one.member_id: one.reference for one in published(TierChanged) if one.after == "gold"} == {
        ME: outcomes[3].id, OTHER: outcomes[1].id,
    }  # fmt: skip


def test_what_is_no_earning_moves_nothing() -> None:
    make_tiers()
    give(ME, 120)
    spend(ME, 20)
    ledger.transfer_points(programme_id=None, from_member_id=ME, to_member_id=OTHER, points=100, reason="gift", at=AT)

    assert (code(ME), days_of(ME), code(OTHER), days_of(OTHER)) == ("silver", {"2026-03-01": 120}, None, {})


def test_a_repeated_earning_counts_once() -> None:
    make_tiers()
    for _ in range(2):
        give(ME, 60, source_key="order-1")

    assert (code(ME), days_of(ME)) == (None, {"2026-03-01": 60})


def test_what_is_earned_counts_on_its_day_in_the_zone_of_the_tiers() -> None:
    make_tiers()
    give(ME, 10, occurred_at=datetime(2026, 2, 27, 23, tzinfo=UTC) - INSTANT)
    give(ME, 20, occurred_at=datetime(2026, 2, 27, 23, tzinfo=UTC))

    assert days_of(ME) == {"2026-02-27": 10, "2026-02-28": 20}


def test_pending_points_count_when_they_are_earned_and_no_more_once_they_are_cancelled() -> None:
    make_tiers()
    waits = give(ME, 500, wait=Wait(in_days=10))
    assert code(ME) == "gold"

    ledger.cancel_pending(waits.id, reason="never came", actor_id=roles.OPERATOR.id, at=AT + DAY)
    assert (code(ME), days_of(ME)) == (None, {"2026-03-01": 0})
    assert changes(ME)[-1] == ("gold", None, AT + DAY, "taken_back")


def test_a_return_takes_the_tier_that_its_purchase_gave_and_none_that_was_kept() -> None:
    make_tiers()
    buy(ME, {"1": (1, 12_000)})
    judge_periods(at=NEW_YEAR)
    in_may = NEW_YEAR + 130 * DAY
    shoes = buy(ME, {"1": (1, 50_000)}, at=in_may)
    assert code(ME, at=in_may) == "gold"

    take_back(shoes, amount=100, at=in_may + DAY)
    assert (code(ME, at=in_may + DAY), days_of(ME)) == ("silver", {"2026-03-01": 120, "2027-05-11": 499})
    take_back(shoes, at=in_may + DAY)
    assert code(ME, at=in_may + DAY) == "silver"


def test_tiers_follow_returns_at_the_periods_end_where_the_programme_says_so() -> None:
    make_tiers(returns="period_end", downgrade="all")
    shoes = buy(ME, {"1": (1, 50_000)})
    take_back(shoes)
    assert (code(ME), tier(ME).projected) == ("gold", None)

    judge_periods(at=NEW_YEAR)
    assert changes(ME)[-1] == ("gold", None, NEW_YEAR, "period_end")


def test_what_was_earned_before_there_were_tiers_takes_nothing_when_it_comes_back() -> None:
    old = give(ME, 300, at=AT - DAY)
    make_tiers()
    give(ME, 100)
    ledger.reverse_transaction(old.id, reason="wrong", actor_id=roles.OPERATOR.id, at=AT)

    assert (code(ME), days_of(ME)) == ("silver", {"2026-03-01": 100})


def test_a_period_is_judged_as_of_its_end_once_however_late() -> None:
    make_tiers()
    give(ME, 500)
    give(OTHER, 90)
    assert judge_periods(at=NEW_YEAR - INSTANT) == 0
    assert judge_periods(at=NEW_YEAR + 5 * DAY) == 2
    assert changes(ME) == [(None, "gold", AT, "earned")]

    late = NEW_YEAR + 2 * YEAR + 40 * DAY
    assert [judge_periods(at=late), judge_periods(at=late)] == [2, 0]
    assert changes(ME)[1:] == [
        ("gold", "silver", NEW_YEAR + YEAR, "period_end"),
        ("silver", None, NEW_YEAR + 2 * YEAR + DAY, "period_end"),
    ]
    assert [(one.before, one.after, one.changed_at) for one in published(TierChanged)][1:] == [
        ("gold", "silver", NEW_YEAR + YEAR),
        ("silver", None, NEW_YEAR + 2 * YEAR + DAY),
    ]


def test_what_is_posted_after_a_boundary_says_nothing_of_the_period_before() -> None:
    make_tiers()
    give(ME, 100)
    boundary = NEW_YEAR + YEAR
    judge_periods(at=NEW_YEAR)
    # Nobody has judged the boundary yet; what is posted now occurred before it.
    give(ME, 90, at=boundary + DAY, occurred_at=boundary - DAY)

    assert changes(ME)[-1] == ("silver", None, boundary, "period_end")
    assert judge_periods(at=boundary + DAY) == 0


def test_members_rise_at_the_periods_end_where_the_programme_says_so() -> None:
    make_tiers(upgrade="period_end")
    give(ME, 700)
    found = tier(ME)
    assert (found.standing.tier, found.projected and found.projected.code) == (None, "gold")

    judge_periods(at=NEW_YEAR)
    assert changes(ME) == [(None, "gold", NEW_YEAR, "period_end")]


@pytest.mark.parametrize(
    ("timezone", "boundary"),
    [
        ("Pacific/Tongatapu", datetime(2026, 12, 31, 11, tzinfo=UTC)),
        ("Pacific/Pago_Pago", datetime(2027, 1, 1, 11, tzinfo=UTC)),
    ],
)
def test_a_year_ends_at_midnight_in_the_zone_of_the_tiers(timezone: str, boundary: datetime, programme: Any) -> None:
    from points.programmes.operations import change_programme

    change_programme(programme.id, changes={"timezone": timezone}, at=AT)
    make_tiers()
    # The zone of the first version stays that of the tiers.
    change_programme(programme.id, changes={"timezone": "Europe/Berlin"}, at=AT)
    give(ME, 100)

    assert next_end(AT) == boundary
    assert [judge_periods(at=boundary - INSTANT), judge_periods(at=boundary)] == [0, 1]


def test_a_year_may_begin_where_the_clocks_change() -> None:
    # In Berlin the clocks go forward on 28 March 2027; the year from April on begins in summer time.
    make_tiers(window={"kind": "calendar", "month": 4})
    give(ME, 100)

    assert next_end(AT) == datetime(2026, 3, 31, 22, tzinfo=UTC)


def test_a_years_end_comes_on_the_last_of_february_for_who_joined_on_a_leap_day() -> None:
    leaper = new_id()
    note_registered([(leaper, datetime(2024, 2, 29, 12, tzinfo=UTC))])
    make_tiers(window=ANNIVERSARY)
    give(leaper, 100)

    ends = [next_end(AT)]
    for _ in range(2):
        judge_periods(at=ends[-1])
        ends.append(next_end(ends[-1]))
    days = [(2027, 2, 27), (2028, 2, 28), (2029, 2, 27)]  # at 23:00, when the 28th, 29th and 28th begin in Berlin
    assert ends == [datetime(*day, 23, tzinfo=UTC) for day in days]


def test_a_rolling_window_forgets_days_and_keeps_the_tier_to_its_end() -> None:
    make_tiers(window=ROLLING, downgrade="all")
    give(ME, 250, occurred_at=AT - 20 * DAY)
    give(ME, 250)
    assert code(ME) == "gold"
    after = AT + 11 * DAY
    found = tier(ME, at=after)
    assert (found.standing.tier, found.progress, found.at_end) == ("gold", 250, 250)

    end = next_end(AT)
    assert end == datetime(2026, 3, 30, 22, tzinfo=UTC)
    judge_periods(at=end)
    assert changes(ME)[-1] == ("gold", "silver", end, "period_end")


def test_a_run_goes_on_where_the_one_before_it_ended() -> None:
    make_tiers()
    members = [new_id() for _ in range(5)]
    for who in members:
        give(who, 100)

    assert judge_periods(at=NEW_YEAR, limit=2, batches=1) == 2
    assert judge_periods(at=NEW_YEAR, limit=2) == 3
    assert judge_periods(at=NEW_YEAR) == 0


def test_a_scheme_that_changes_decides_from_then_on() -> None:
    make_tiers()
    give(ME, 90)
    make_tiers({"code": "silver", "name": "Silver", "enter": 80, "stay": 80}, *_OTHERS, at=AT + DAY)
    assert code(ME, at=AT + DAY) is None

    give(ME, 1, at=AT + 2 * DAY)
    assert changes(ME) == [(None, "silver", AT + 2 * DAY, "earned")]


_OTHERS = (
    {"code": "gold", "name": "Gold", "enter": 500, "stay": 400},
    {"code": "diamond", "name": "Diamond", "enter": 1_000, "stay": 1_000},
)


def test_what_comes_back_takes_no_tier_that_the_thresholds_of_then_gave() -> None:
    make_tiers()
    give(ME, 550)
    small, large = give(ME, 1), give(ME, 460)
    make_tiers(*(one | {"enter": one["enter"] + 400} for one in (SILVER, GOLD, DIAMOND)), at=AT + DAY)

    for wrong, wanted in ((small, "diamond"), (large, "silver")):
        ledger.reverse_transaction(wrong.id, reason="", actor_id=roles.OPERATOR.id, at=AT + 2 * DAY)
        assert code(ME, at=AT + 2 * DAY) == wanted


def test_what_was_told_some_minutes_ahead_of_a_period_counts_as_it_begins() -> None:
    make_tiers(SILVER)
    before = NEW_YEAR - timedelta(minutes=2)
    give(ME, 100, at=before, occurred_at=NEW_YEAR + timedelta(minutes=1))

    assert (code(ME, at=before), code(ME, at=NEW_YEAR)) == (None, "silver")
    judge_periods(at=NEW_YEAR + timedelta(hours=7))
    assert changes(ME) == [(None, "silver", NEW_YEAR, "period_end")]
