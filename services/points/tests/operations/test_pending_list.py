"""A member's list of pending points is found by the member, whatever the statistics say."""

from datetime import timedelta
from typing import Any

import pytest

from points.ledger.queries import pending_of
from points.ledger.rules.earnings import Wait
from points.programmes.queries import default_programme
from shared.db import execute
from shared.ids import new_id
from shared.testing.reads import rows_read
from tests.factories import AT, give, make_programme

pytestmark = pytest.mark.django_db
DUE = Wait(at=AT + timedelta(days=1))
OTHERS = 60


@pytest.mark.parametrize("statistics", ["ANALYZE account, pending_points", "SELECT 1"])
def test_a_members_list_of_pending_points_reads_no_row_of_others(member: Any, statistics: str) -> None:
    make_programme()
    mine = [give(member.id, points, wait=DUE).id for points in (10, 20)]
    execute(statistics)
    for _ in range(OTHERS):
        give(new_id(), 5, wait=DUE)
    listed = pending_of(programme_id=default_programme().id, member_id=member.id, state="pending", at=AT)

    with rows_read("account", "pending_points") as read:
        assert [one.id for one in listed.order_by("id")[:51]] == mine

    assert read.by_table() == {"account": 1, "pending_points": 2}
