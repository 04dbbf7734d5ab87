"""Tiers under earnings and runs at the same moment."""

from datetime import UTC, datetime
from typing import Any

import pytest

from points.tiers.errors import TierOverridden
from points.tiers.models import TierOverride, TierProgress
from points.tiers.operations import judge_periods
from shared.testing import roles
from shared.testing.proofs import race
from tests.factories import AT, give, make_programme
from tests.tier_factories import by_hand, changes, code, make_tiers

pytestmark = pytest.mark.django_db(transaction=True)
ME = roles.MEMBER.id
NEW_YEAR = datetime(2026, 12, 31, 23, tzinfo=UTC)


@pytest.fixture(autouse=True)
def programme() -> Any:
    made = make_programme()
    make_tiers()
    return made


def test_earnings_at_once_miss_no_threshold_and_reach_it_once() -> None:
    race(8, lambda _: give(ME, 60))

    assert [one.amount for one in TierProgress.objects.all()] == [480]
    assert changes(ME) == [(None, "silver", AT, "earned")]


def test_a_run_and_earnings_at_a_boundary_judge_each_member_once() -> None:
    give(ME, 100)
    late = NEW_YEAR.replace(year=2027)
    race(6, lambda place: give(ME, 10, at=late) if place % 2 else judge_periods(at=late))

    assert changes(ME) == [(None, "silver", AT, "earned"), ("silver", None, late, "period_end")]
    assert code(ME, at=late) is None


def test_of_tiers_by_hand_at_once_one_is_given() -> None:
    def give_one(place: int) -> int:
        try:
            by_hand(ME, "gold", reason=f"reason {place}")
        except TierOverridden:
            return 0
        return 1

    assert sum(race(8, give_one)) == 1
    assert TierOverride.objects.count() == 1
    assert changes(ME) == [(None, "gold", AT, "override")]


def test_a_run_and_earnings_at_the_end_of_a_tier_by_hand_note_it_once() -> None:
    by_hand(ME, "gold", until=NEW_YEAR)
    late = NEW_YEAR.replace(year=2027)
    race(6, lambda place: give(ME, 10, at=late) if place % 2 else judge_periods(at=late))

    assert changes(ME) == [(None, "gold", AT, "override"), ("gold", None, NEW_YEAR, "override_ended")]
