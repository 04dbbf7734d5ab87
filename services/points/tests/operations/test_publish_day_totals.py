from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command

from points.adjustments import operations as adjustments
from points.expiry import operations as expiry
from points.ledger import operations
from points.ledger.tasks import publish_day_totals
from points.programmes.queries import default_programme
from shared import clock
from shared.contracts.totals import LedgerDayTotals, Total
from shared.ids import new_id
from shared.testing.messages import example, published
from shared.testing.proofs import nothing_written
from tests.factories import AT, give, make_programme, spend

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 1)


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    return member.id


def total(kind: str, count: int, points: int) -> Total:
    return Total(ledger="points", unit=str(default_programme().id), kind=kind, count=count, total=points)


def test_counts_and_sums_each_kind_and_a_reversal_as_an_adjustment(me: UUID) -> None:
    give(me, 100, expires_at=AT + timedelta(hours=1))
    give(me, 50)
    spent = spend(me, 30)
    operations.reverse_transaction(spent.id, reason="", actor_id=new_id(), at=AT)
    adjustments.adjust_points(programme_id=None, member_id=me, points=-5, reason="r", actor_id=new_id(), at=AT)
    expiry.expire_lots(at=AT + timedelta(hours=2))

    assert operations.publish_day_totals(TODAY, at=AT)

    (message,) = published(LedgerDayTotals)
    assert (message.service, message.day, message.as_of) == ("points", TODAY, AT)
    assert message.totals == [
        total("adjusted", 2, 25),
        total("earned", 2, 150),
        total("expired", 1, -95),
        total("redeemed", 1, -30),
    ]


def test_a_day_begins_at_midnight_in_utc_and_ends_before_the_next(me: UUID) -> None:
    midnight = datetime(2026, 3, 1, tzinfo=UTC)
    for at in (midnight - timedelta(microseconds=1), midnight, midnight + timedelta(days=1)):
        give(me, 1, at=at)

    operations.publish_day_totals(TODAY, at=AT)

    assert published(LedgerDayTotals)[0].totals == [total("earned", 1, 1)]


def test_is_published_again_only_when_it_changed(me: UUID) -> None:
    give(me, 100)
    operations.publish_day_totals(TODAY, at=AT)
    with nothing_written():
        assert not operations.publish_day_totals(TODAY, at=AT + timedelta(minutes=1))

    give(me, 10)

    assert operations.publish_day_totals(TODAY, at=AT + timedelta(minutes=2))
    assert [message.totals[0].total for message in published(LedgerDayTotals)] == [100, 110]


def test_a_day_without_postings_says_nothing(me: UUID) -> None:
    with nothing_written():
        assert not operations.publish_day_totals(TODAY, at=AT)


def test_the_command_publishes_a_day_again_and_an_empty_one_too(me: UUID) -> None:
    for _ in range(2):
        call_command("publish_day_totals", day=TODAY)

    assert [message.totals for message in published(LedgerDayTotals)] == [[], []]


def test_the_task_publishes_today_and_yesterday(me: UUID) -> None:
    at = clock.now()
    for days in (0, 1, 2):
        give(me, 1, at=at - timedelta(days=days))

    publish_day_totals()

    assert [message.day for message in published(LedgerDayTotals)] == [at.date() - timedelta(days=1), at.date()]


def test_what_is_published_reads_as_agreed() -> None:
    stored = example(LedgerDayTotals)

    assert LedgerDayTotals.read(stored).payload() == stored
