"""The jobs of tiers in processes of their own, killed in the middle and run again."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from msgspec import structs

from points.ledger.models import Account
from points.programmes.queries import default_programme
from points.tiers.models import MemberTier, TierChange
from points.tiers.operations import judge_periods, tell_expiring
from shared import clock
from shared.contracts.tiers import TierChanged, TierExpiring
from shared.ids import new_id
from shared.testing.messages import published
from shared.testing.waiting import until
from tests.concurrency.test_expiry_killed import _THERE, count, job, kill_while_it_waits
from tests.factories import give, make_programme, prove
from tests.tier_factories import ANNIVERSARY, by_hand, make_tiers

pytestmark = pytest.mark.django_db(transaction=True)
RUN = "from points.tiers.operations import judge_periods\njudge_periods(at=at, limit=2)"


def told() -> tuple[list[Any], list[Any], list[Any]]:
    """Return how members stand, all that changed, and what was published of it, whenever it was noted."""
    return (
        list(MemberTier.objects.order_by("member_id").values()),
        list(TierChange.objects.order_by("member_id", "number").values()),
        sorted(
            (structs.replace(one, posted_at=one.changed_at) for one in published(TierChanged)),
            key=lambda one: (one.member_id, one.number),
        ),
    )


def test_a_run_killed_in_the_middle_and_run_again_ends_as_one_that_was_not_killed() -> None:
    make_programme(lot_days=None)
    at = clock.now()
    long_ago = at - timedelta(days=800)
    make_tiers(window=ANNIVERSARY, downgrade="one", at=long_ago)
    members = [new_id() for _ in range(9)]
    for place, member_id in enumerate(members):
        give(member_id, 100 * (place + 1), at=long_ago + timedelta(hours=place))
    by_hand(members[5], "silver", until=at - timedelta(days=100), at=long_ago + timedelta(days=1))

    with transaction.atomic():
        assert judge_periods(at=at) == 9
        expected = told()
        transaction.set_rollback(True)
    with transaction.atomic(), job(RUN) as process:
        # The third piece cannot have the fifth member.
        Account.objects.select_for_update().get(programme_id=default_programme().id, member_id=members[4])
        kill_while_it_waits(process)
        judged = MemberTier.objects.filter(ends_at__gt=at).count()
        assert judged == 4
    until(lambda: not count(_THERE))

    assert judge_periods(at=at, limit=2) == 9 - judged
    assert judge_periods(at=at, limit=2) == 0

    assert told() == expected
    prove()


TELL = "from points.tiers.operations import tell_expiring\ntell_expiring(at=at, limit=2)"


def test_the_job_of_notices_killed_in_the_middle_and_run_again_tells_each_once() -> None:
    make_programme(lot_days=None)
    at = clock.now()
    # The third year ends in sixty days, more or less.
    long_ago = at - timedelta(days=3 * 365 - 60)
    make_tiers(window=ANNIVERSARY, notice_days=90, at=long_ago)
    members = [new_id() for _ in range(9)]
    for place, member_id in enumerate(members):
        give(member_id, 500, at=long_ago + timedelta(hours=place))
    # Before the notices are due, which are told with whatever is judged after that.
    judge_periods(at=long_ago + timedelta(days=760))

    with transaction.atomic(), job(TELL) as process:
        # The third piece cannot have the fifth member.
        Account.objects.select_for_update().get(programme_id=default_programme().id, member_id=members[4])
        kill_while_it_waits(process)
        assert MemberTier.objects.filter(is_told=True).count() == 4
    until(lambda: not count(_THERE))

    assert [tell_expiring(at=at, limit=2), tell_expiring(at=at, limit=2)] == [5, 0]
    assert sorted(one.member_id for one in published(TierExpiring)) == sorted(members)
