"""Tiers under earnings and runs at the same moment."""

import sys
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection

from points.ledger.locks import lock_in_programme
from points.ledger.operations import merge_members
from points.tiers.errors import TierOverridden
from points.tiers.models import MemberTier, TierOverride, TierProgress
from points.tiers.operations import judge_periods, tell_expiring
from shared.db import rows
from shared.testing import roles
from shared.testing.proofs import race
from shared.testing.waiting import until
from tests.factories import AT, give, make_programme, prove
from tests.tier_factories import DIAMOND, GOLD, SILVER, by_hand, changes, code, make_tiers

pytestmark = pytest.mark.django_db(transaction=True)
ME, OTHER = roles.MEMBER.id, roles.OTHER_MEMBER.id
_WAITING = """
SELECT count(*) FROM pg_locks JOIN pg_database ON oid = database
WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted
"""
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


@pytest.mark.parametrize("job", [judge_periods, tell_expiring])
def test_whoever_is_merged_while_a_job_begins_does_not_begin_anew(job: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    make_tiers(SILVER, GOLD, DIAMOND, notice_days=30)
    give(OTHER, 100)
    give(ME, 10)
    late = NEW_YEAR if job is judge_periods else NEW_YEAR - timedelta(days=10)
    module, merging = sys.modules[job.__module__], Thread(target=_merge, args=[late])

    def lock_after_the_merge(*arguments: Any) -> None:
        merging.start()
        until(lambda: not merging.is_alive() or rows(_WAITING) == [(1,)])
        lock_in_programme(*arguments)

    monkeypatch.setattr(module, "lock_in_programme", lock_after_the_merge)
    job(at=late, batches=1)
    merging.join()

    assert not MemberTier.objects.filter(member_id=OTHER).exists()
    assert changes(OTHER)[-1][1] is None
    prove()


def _merge(at: datetime) -> None:
    try:
        merge_members(from_member_id=OTHER, into_member_id=ME, reason="two cards", actor_id=roles.OPERATOR.id, at=at)
    finally:
        connection.close()
