from datetime import timedelta
from typing import Any

import pytest

from points.expiry import operations
from points.ledger.models import Lot
from points.programmes.rules.expiry import Sliding
from shared import clock
from shared.testing.proofs import race
from tests.factories import give, make_programme, points_of, prove, spend

pytestmark = pytest.mark.django_db(transaction=True)


def test_activities_and_the_expiry_job_at_once_leave_every_end_explained(member: Any) -> None:
    make_programme(lot_days=None, expiry=Sliding(30, "day"))
    at = clock.now()
    give(member.id, 50, at=at - timedelta(days=45))
    for days in range(1, 11):
        give(member.id, 10, at=at - timedelta(days=days))
    moves: list[Any] = [
        lambda: spend(member.id, 3, at=clock.now()),
        lambda: give(member.id, 2, at=clock.now()),
        lambda: operations.expire_all(at=clock.now()),
    ]

    results = race(18, lambda turn: moves[turn % 3]())

    assert [result for result in results if isinstance(result, Exception)] == []
    assert points_of(member.id, at=clock.now()) == (100 - 6 * 3 + 6 * 2, 0)
    # The fifty were dead before; all others end together now.
    assert len(set(Lot.objects.filter(is_open=True).values_list("expires_on", flat=True))) == 1
    prove()
