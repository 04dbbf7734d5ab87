from datetime import timedelta
from typing import Any

import pytest

from points.expiry import operations
from points.expiry.errors import ReinstatementTooLarge
from points.ledger.models import Reinstatement, Transaction
from points.ledger.rules.values import Posted
from shared import clock
from shared.ids import new_id
from shared.testing.proofs import race
from tests.factories import give, make_programme, points_of, prove

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_many_reinstatements_at_once_only_what_expired_comes_back(member: Any) -> None:
    make_programme()
    at = clock.now()
    give(member.id, 100, at=at - timedelta(days=2), expires_at=at - timedelta(days=1))
    operations.expire_all(at=at)
    expiry = Transaction.objects.get(kind="expired").id

    results = race(
        12,
        lambda _: operations.reinstate_points(
            transaction_id=expiry, member_id=member.id, points=15, reason="r", actor_id=new_id(), at=clock.now()
        ),
    )

    assert sum(isinstance(result, Posted) for result in results) == 6
    assert sum(isinstance(result, ReinstatementTooLarge) for result in results) == 6
    assert points_of(member.id, at=clock.now()) == (90, 0)
    assert list(Reinstatement.objects.order_by("total").values_list("total", flat=True)) == [15, 30, 45, 60, 75, 90]
    prove()
