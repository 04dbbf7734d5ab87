"""What is read of one member is found by keys, whatever the statistics say."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from points.ledger.history import balance_at
from points.ledger.queries import pending_of
from points.ledger.rules.earnings import Wait
from points.programmes.queries import default_programme
from shared.db import execute
from shared.ids import new_id
from shared.testing.reads import rows_read
from tests.factories import AT, give, hold, make_programme

pytestmark = [pytest.mark.django_db, pytest.mark.parametrize("statistics", ["ANALYZE", "SELECT 1"])]
DUE = Wait(at=AT + timedelta(days=1))
OTHERS = 60


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    return UUID(str(member.id))


def test_a_members_list_of_pending_points_reads_no_row_of_others(me: UUID, statistics: str) -> None:
    mine = [give(me, points, wait=DUE).id for points in (10, 20)]
    execute(statistics)
    for _ in range(OTHERS):
        give(new_id(), 5, wait=DUE)
    listed = pending_of(programme_id=default_programme().id, member_id=me, state="pending", at=AT)

    with rows_read("account", "pending_points") as read:
        assert [one.id for one in listed.order_by("id")[:51]] == mine

    assert read.by_table() == {"account": 1, "pending_points": 2}


def test_a_balance_of_the_past_reads_no_hold_of_others(me: UUID, statistics: str) -> None:
    give(me, 50)
    hold(me, 30)
    execute(statistics)
    for _ in range(OTHERS):
        other = new_id()
        give(other, 50)
        hold(other, 30)
    later = AT + timedelta(hours=2)

    with rows_read("hold", "allocation", "points_transaction", "lot") as read:
        assert balance_at(programme_id=default_programme().id, member_id=me, at=later).available == 50

    assert read.by_table()["hold"] == 1
    assert max(read.by_table().values()) <= 4
