from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from points.expiry import operations as expiry
from points.expiry import queries
from points.expiry.tasks import expire_points
from points.ledger import operations
from points.ledger.errors import NothingToExpire
from points.ledger.models import Lot, Transaction
from points.ledger.operations.endings import expiries
from points.ledger.rules.values import Posted, Posting
from shared import clock
from shared.contracts.points import PointsExpired
from shared.ids import new_id
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from tests.factories import AT, give, make_programme, points_of, prove, spend

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    return member.id


def test_expires_what_is_left_of_lots_whose_time_has_passed(me: UUID) -> None:
    give(me, 100, expires_at=AT + DAY)
    give(me, 50, expires_at=AT + 3 * DAY)
    spend(me, 30)

    assert expiry.expire_lots(at=AT + 2 * DAY) == (1, 70)

    assert points_of(me, at=AT + 2 * DAY) == (50, 0)
    assert [(message.points, message.change) for message in published(PointsExpired)] == [(70, -70)]
    prove()


def test_a_lot_is_alive_up_to_the_instant_of_its_end_and_dead_at_it(me: UUID) -> None:
    end = AT + DAY
    give(me, 100, expires_at=end)

    assert expiry.expire_lots(at=end - timedelta(microseconds=1)) == (0, 0)
    assert expiry.expire_lots(at=end) == (1, 100)


def test_points_that_never_end_stay(me: UUID) -> None:
    programme = make_programme(name="for ever", lot_days=None)
    give(me, 10, programme_id=programme.id)

    assert expiry.expire_lots(at=AT + 36_500 * DAY) == (0, 0)


def test_running_it_again_does_nothing(me: UUID) -> None:
    give(me, 100, expires_at=AT + DAY)
    expiry.expire_lots(at=AT + 2 * DAY)

    with nothing_written():
        assert expiry.expire_lots(at=AT + 2 * DAY) == (0, 0)


def test_a_run_that_is_killed_leaves_whole_batches_and_the_next_one_goes_on(me: UUID) -> None:
    for days in (3, 1, 2):
        give(me, days, expires_at=AT + days * DAY)

    assert expiry.expire_all(at=AT + 9 * DAY, limit=1, batches=2) == (2, 3)
    assert list(Lot.objects.filter(is_open=True).values_list("points", flat=True)) == [3]
    assert expiry.expire_all(at=AT + 9 * DAY, limit=1) == (1, 3)

    assert points_of(me) == (0, 0)
    prove()


def test_those_that_ended_first_expire_first(me: UUID) -> None:
    for days in (3, 1, 2):
        give(me, days, expires_at=AT + days * DAY)

    expiry.expire_all(at=AT + 9 * DAY, limit=1)

    assert list(Transaction.objects.filter(kind="expired").order_by("version").values_list("points", flat=True)) == [
        1,
        2,
        3,
    ]


def test_it_can_run_as_of_a_day_to_come_and_books_it_today(me: UUID) -> None:
    at = clock.now()
    give(me, 100, at=at, expires_at=at + 30 * DAY)

    assert expiry.expire_lots(at=at, as_of=at + 31 * DAY) == (1, 100)

    transaction = Transaction.objects.get(kind="expired")
    assert (transaction.posted_at, transaction.occurred_at) == (at, at)


def test_a_late_job_never_lets_dead_points_be_spent(me: UUID) -> None:
    give(me, 100, expires_at=AT + DAY)
    give(me, 10, expires_at=AT + 5 * DAY)

    with nothing_written(), pytest.raises(Exception, match="Not enough points") as refusal:
        spend(me, 11, at=AT + 2 * DAY)

    assert refusal.value.members == {"requested": 11, "available": 10}


def test_points_given_back_to_a_lot_that_expired_before_its_end_can_expire_again(me: UUID) -> None:
    give(me, 100, expires_at=AT + 5 * DAY)
    spent = spend(me, 40)
    expiry.expire_lots(at=AT, as_of=AT + 6 * DAY)
    operations.reverse_transaction(spent.id, reason="order cancelled", actor_id=new_id(), at=AT)
    assert points_of(me) == (40, 0)

    assert expiry.expire_lots(at=AT + 6 * DAY) == (1, 40)
    prove()


def test_the_number_of_statements_does_not_grow(me: UUID, django_assert_num_queries: Any) -> None:
    for _ in range(20):
        give(new_id(), 5, expires_at=AT + DAY)

    with django_assert_num_queries(4):
        expiry.expire_lots(at=AT + 2 * DAY, limit=1)
    with django_assert_num_queries(4):
        expiry.expire_lots(at=AT + 2 * DAY)


def test_the_command_runs_the_job_as_of_a_day(me: UUID) -> None:
    at, out = clock.now(), StringIO()
    give(me, 100, at=at, expires_at=at + 30 * DAY)

    call_command("expire_points", as_of=(at + 31 * DAY).date().isoformat(), stdout=out)

    assert out.getvalue() == "expired 100 points of 1 lots\n"


def test_the_task_runs_the_job_now(me: UUID) -> None:
    give(me, 100, at=clock.now() - 2 * DAY, expires_at=clock.now() - DAY)

    assert expire_points() == {"lots": 1, "points": 100}


def test_the_command_says_how_far_it_is(me: UUID) -> None:
    for _ in range(3):
        give(me, 100, expires_at=AT + DAY)
    progress, out = StringIO(), StringIO()

    call_command("expire_points", "--limit", "2", "--progress", "0", stdout=out, stderr=progress)

    lines = [line.split(" lots, ") for line in progress.getvalue().splitlines()]
    assert [line[0] for line in lines] == ["2 of 3", "3 of 3"]
    assert [line[1].split(",")[0] for line in lines] == ["200 points", "300 points"]
    assert lines[1][1].endswith("lots/s, 0 s left")
    assert out.getvalue() == "expired 300 points of 3 lots\n"


def due(at: datetime) -> list[Posting]:
    """The expiries of what is due, as it is read before any account is locked."""
    return expiries(queries.lots_due(as_of=at, limit=9), at)


def test_what_was_spent_since_the_lots_were_read_does_not_expire(me: UUID, other_member: Any) -> None:
    give(me, 100, expires_at=AT + DAY)
    give(other_member.id, 7, expires_at=AT + DAY)
    read = due(AT + 2 * DAY)
    spend(me, 30)

    outcomes = operations.post(read, at=AT + 2 * DAY)

    assert sorted(outcome.points for outcome in outcomes if isinstance(outcome, Posted)) == [7, 70]
    prove()


def test_a_lot_that_got_a_later_end_since_the_lots_were_read_does_not_expire(member: Any) -> None:
    make_programme(lot_days=None, expiry={"kind": "sliding", "unit": "day", "count": 10})
    give(member.id, 10)
    read = due(AT + 20 * DAY)
    give(member.id, 10, at=AT + 5 * DAY)

    (outcome,) = operations.post(read, at=AT + 12 * DAY)

    assert isinstance(outcome, NothingToExpire)
    prove()


def test_lots_that_did_not_change_since_they_were_read_are_not_read_again(me: UUID) -> None:
    for member_id in (me, new_id(), new_id()):
        give(member_id, 10, expires_at=AT + DAY)
        give(member_id, 20, expires_at=AT + DAY + timedelta(hours=1))
    read = due(AT + 2 * DAY)

    with CaptureQueriesContext(connection) as sent:
        operations.post(read, at=AT + 2 * DAY)

    assert not any("JOIN lot" in query["sql"] or "FROM lot" in query["sql"] for query in sent)
    assert points_of(me, at=AT + 2 * DAY) == (0, 0)
    prove()
