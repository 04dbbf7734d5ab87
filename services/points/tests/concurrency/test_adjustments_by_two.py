from typing import Any

import pytest

from points.adjustments import operations
from points.adjustments.errors import AdjustmentDecided
from points.adjustments.rows import Adjustment
from shared import clock
from shared.ids import new_id
from shared.testing.proofs import race
from tests.factories import make_programme, points_of, prove

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("attempt", range(3))
def test_of_approvals_and_rejections_at_once_one_counts(member: Any, attempt: int) -> None:
    make_programme(adjustment_limit=10)
    asked = operations.ask_for_adjustment(
        programme_id=None, member_id=member.id, points=11, reason="r", actor_id=new_id(), at=clock.now()
    )
    moves: list[Any] = [operations.approve_adjustment, operations.reject_adjustment]

    results = race(10, lambda turn: moves[(turn + attempt) % 2](asked.id, actor_id=new_id(), at=clock.now()))

    (won,) = [result for result in results if isinstance(result, Adjustment)]
    assert sum(isinstance(result, AdjustmentDecided) for result in results) == 9
    assert points_of(member.id, at=clock.now()) == (11 if won.state == "approved" else 0, 0)
    prove()
