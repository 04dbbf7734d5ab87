"""Members are told before points end, once."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from points.expiry import operations
from points.expiry.models import ExpiryNotice
from points.expiry.tasks import publish_expiring
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from shared import clock
from shared.contracts.points import PointsExpiring
from shared.ids import new_id
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from tests.factories import AT, give, make_programme, prove, spend

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
# Thirty days after 1 March 2026 is the 31st; its midnight in Berlin is at 22:00 UTC, because the clocks have changed.
END = datetime.fromisoformat("2026-03-31T22:00:00Z")


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme(lot_days=30, notice_days=[14, 3])
    return member.id


def notices() -> list[tuple[int, int, str]]:
    return [(message.points, message.days, str(message.expires_on)) for message in published(PointsExpiring)]


def test_a_member_is_told_so_many_days_before_what_is_left(me: UUID) -> None:
    give(me, 100)
    spend(me, 30)
    operations.publish_expiring(at=AT)

    assert operations.publish_expiring(at=AT + 15 * DAY) == 0
    assert operations.publish_expiring(at=AT + 16 * DAY) == 1

    (message,) = published(PointsExpiring)
    assert (message.member_id, message.programme_id) == (me, default_programme().id)
    assert (message.points, message.days, message.expires_on, message.expires_at) == (70, 14, date(2026, 3, 31), END)
    kept = ExpiryNotice.objects.get()
    assert (kept.id, kept.points, kept.told_at) == (message.notice_id, 70, AT + 16 * DAY)


def test_each_notice_is_told_once_however_often_the_job_runs(me: UUID) -> None:
    give(me, 100)
    for hours in range(0, 31 * 24, 8):
        operations.publish_expiring(at=AT + timedelta(hours=hours))

    assert notices() == [(100, 14, "2026-03-31"), (100, 3, "2026-03-31")]
    with nothing_written():
        operations.publish_expiring(at=AT + timedelta(hours=30 * 24 + 16))


def test_points_are_added_up_by_member_and_end(me: UUID, other_member: Any) -> None:
    give(me, 100)
    give(me, 11, at=AT + timedelta(hours=2))
    give(me, 5, at=AT + DAY)
    give(other_member.id, 7)
    operations.publish_expiring(at=AT + 16 * DAY)

    assert sorted(notices()) == [(7, 14, "2026-03-31"), (111, 14, "2026-03-31")]


def test_a_late_job_tells_only_the_nearest_notice_and_nothing_of_what_has_ended(me: UUID) -> None:
    give(me, 100)
    operations.publish_expiring(at=AT)
    operations.publish_expiring(at=AT + 28 * DAY)
    assert notices() == [(100, 3, "2026-03-31")]

    operations.publish_expiring(at=AT + 40 * DAY)
    assert len(notices()) == 1


def test_with_a_grace_the_day_is_the_last_before_it_and_the_end_is_after_it(me: UUID) -> None:
    change_programme(default_programme().id, changes={"grace_days": 10}, at=AT)
    give(me, 100)
    change_programme(default_programme().id, changes={"grace_days": 0}, at=AT)
    operations.publish_expiring(at=AT)

    operations.publish_expiring(at=AT + 16 * DAY)

    (message,) = published(PointsExpiring)
    assert (message.days, message.expires_on, message.expires_at) == (14, date(2026, 3, 31), END + 10 * DAY)


def test_a_named_end_is_told_by_its_local_day(me: UUID) -> None:
    give(me, 100, expires_at=datetime.fromisoformat("2026-03-20T22:59:00Z"))
    operations.publish_expiring(at=AT)

    # 23:00 in UTC is the day after in Berlin.
    assert operations.publish_expiring(at=datetime.fromisoformat("2026-03-05T22:59:00Z")) == 0
    assert operations.publish_expiring(at=datetime.fromisoformat("2026-03-05T23:00:00Z")) == 1
    assert notices() == [(100, 14, "2026-03-20")]


def test_chunks_end_where_they_are_full_and_the_next_run_goes_on(me: UUID) -> None:
    for _ in range(5):
        give(new_id(), 10)
    # The first batch finds nothing that ends in three days.

    assert operations.publish_expiring(at=AT + 16 * DAY, limit=2, batches=2) == 2
    assert operations.publish_expiring(at=AT + 16 * DAY, limit=2) == 3
    assert operations.publish_expiring(at=AT + 16 * DAY, limit=2) == 0
    assert len({message.member_id for message in published(PointsExpiring)}) == 5


def test_a_programme_without_notices_tells_nothing(me: UUID) -> None:
    change_programme(default_programme().id, changes={"notice_days": []}, at=AT)
    give(me, 100)

    assert operations.publish_expiring(at=AT + 29 * DAY) == 0


def test_idle_it_asks_how_far_it_told_and_no_more(me: UUID, django_assert_num_queries: Any) -> None:
    operations.publish_expiring(at=AT)

    with django_assert_num_queries(2):
        operations.publish_expiring(at=AT)


def test_the_task_publishes_now(me: UUID) -> None:
    give(me, 100, at=clock.now() - 17 * DAY)

    assert publish_expiring() == {"notices": 1}
    prove()
