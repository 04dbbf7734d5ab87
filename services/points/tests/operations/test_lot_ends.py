"""What is counted of lots' ends is what the lots are, after each operation and however it was counted."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction

from points.adjustments import operations as adjustments
from points.expiry import operations as expiry
from points.ledger import lot_ends, operations
from points.ledger.models import Lot, LotEnd, LotEndReach, LotEndTotal, Transaction
from points.ledger.rules.earnings import Wait
from points.ledger.rules.values import Kind
from points.ledger.tasks import count_lot_ends
from points.programmes.queries import default_programme
from points.programmes.rules.expiry import Sliding
from points.statements.queries.forecasts import expiry_forecast
from shared.ids import new_id
from shared.testing.fillings import Filling, at_any_size
from shared.testing.reads import rows_read
from tests.factories import AT, buy, give, hold, make_programme, posting, prove, register, spend, take_back
from tests.ledger_filling import TABLES, fill_ledger

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
OPERATOR = UUID(int=9)
MIDNIGHT = datetime(2026, 3, 31, 22, tzinfo=UTC)  # of Berlin
ODD = datetime(2026, 4, 3, 9, 7, 30, tzinfo=UTC)
OF_ENDS = ("lot_end", "lot_end_total", "lot_end_reach")
# Before and after ends, and within their quarter of an hour.
INSTANTS = (AT, MIDNIGHT - TICK, MIDNIGHT, MIDNIGHT + TICK, ODD - TICK, ODD, ODD + TICK, ODD + DAY, AT + 400 * DAY)


def expected(at: datetime, timezone: str) -> Counter[tuple[date | None, str]]:
    """Add up the open lots one by one."""
    zone, found = ZoneInfo(timezone), Counter[tuple[date | None, str]]()
    for lot in Lot.objects.filter(remaining__gt=0, account__programme_id=default_programme().id):
        if lot.expires_at and lot.expires_at <= at:
            continue
        last = lot.expires_on or (lot.expires_at and (lot.expires_at - TICK).astimezone(zone).date())
        month = last and max(last, at.astimezone(zone).date()).replace(day=1)
        found[month, "points"] += lot.remaining
        found[month, "lots"] += 1
    return found


def counted(at: datetime, timezone: str) -> Counter[tuple[date | None, str]]:
    found = Counter[tuple[date | None, str]]()
    for month, points, lots in lot_ends.endings(default_programme().id, timezone=timezone, at=at):
        found[month, "points"], found[month, "lots"] = points, lots
    return +found


def is_right() -> None:
    for timezone in ("Europe/Berlin", "Asia/Kathmandu"):
        for at in INSTANTS:
            assert counted(at, timezone) == expected(at, timezone), (at, timezone)


class Ledger:
    """Everything that opens a lot, takes from one, gives back to one or moves its end."""

    def __init__(self) -> None:
        make_programme(lot_days=None, expiry=Sliding(1, "month"))
        self.me, self.other, self.old = new_id(), new_id(), new_id()
        register(self.me, self.other, self.old)

    def steps(self) -> Iterator[Any]:
        me, other, old = self.me, self.other, self.old
        yield give(me, 100)
        yield give(me, 50, expires_at=MIDNIGHT)
        yield give(me, 25, expires_at=MIDNIGHT + TICK)
        yield give(me, 12, expires_at=ODD)
        yield operations.post([posting(Kind.EARNED, me, 6), posting(Kind.EARNED, other, 7)], at=AT)  # these never end
        spent = spend(me, 70, at=AT + DAY)
        yield spent
        yield operations.reverse_transaction(spent.id, reason="", actor_id=OPERATOR, at=AT + DAY)
        held = hold(me, 60, at=AT + 2 * DAY)
        yield held
        yield give(me, 3, at=AT + 2 * DAY)  # gives later ends, also to the lots of which points are held
        yield operations.capture_hold(held.id, points=10, at=AT + 2 * DAY)
        yield operations.transfer_points(
            programme_id=None, from_member_id=me, to_member_id=other, points=80, reason="", at=AT + 3 * DAY
        )
        waiting = give(me, 40, wait=Wait(in_days=9), at=AT + 3 * DAY)
        yield operations.activate_pending(waiting.id, actor_id=OPERATOR, at=AT + 4 * DAY)
        yield give(old, 90, at=AT + 4 * DAY)
        yield operations.merge_members(
            from_member_id=old, into_member_id=me, reason="", actor_id=OPERATOR, at=AT + 5 * DAY
        )
        bought = buy(me, {"1": (2, 2_000)}, at=AT + 5 * DAY)
        yield take_back(bought, {"1": 1}, at=AT + 5 * DAY)
        yield adjustments.adjust_points(
            programme_id=None, member_id=me, points=-15, reason="r", actor_id=OPERATOR, at=AT + 5 * DAY
        )
        yield expiry.expire_all(at=ODD)
        ended = Transaction.objects.filter(kind="expired").order_by("version")[0]
        yield expiry.reinstate_points(
            member_id=ended.account.member_id, transaction_id=ended.id, reason="", actor_id=OPERATOR, at=ODD + DAY
        )
        everything = operations.post([posting(Kind.REDEEMED, me, points) for points in (1, 2, 4)], at=ODD + DAY)
        yield everything


@pytest.mark.parametrize("step", [1, 2, 1000])
def test_after_each_operation_what_is_counted_is_what_the_lots_are(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lot_ends, "STEP", step)
    ledger = Ledger()
    lot_ends.count()

    for _ in ledger.steps():
        is_right()  # with what is above the reach
        assert lot_ends.count() > 0
        assert lot_ends.count() == 0
        is_right()
        prove()
    assert LotEnd.objects.count() == Lot.objects.filter(remaining__gt=0).count() > 0


def test_what_was_posted_before_the_first_count_is_counted_and_what_comes_while_nobody_counts() -> None:
    for number, _ in enumerate(Ledger().steps()):
        if number == 7:
            lot_ends.count()
    is_right()

    assert count_lot_ends()["transactions"] > 0
    is_right()
    prove()


def test_a_forecast_is_the_same_before_and_after_the_first_count() -> None:
    for _ in Ledger().steps():
        pass
    before = expiry_forecast(default_programme(), at=ODD + DAY)
    assert before.total > 0

    lot_ends.count()

    assert expiry_forecast(default_programme(), at=ODD + DAY) == before


@pytest.fixture
def other_connection() -> Iterator[Any]:
    other = connection.copy()
    yield other
    other.close()


def test_what_commits_late_is_counted(other_connection: Any) -> None:
    make_programme()
    lot_ends.count()
    with other_connection.cursor() as late:
        late.execute("BEGIN; SELECT pg_current_xact_id()")  # begun, and nothing of it to be seen
        give(new_id(), 10)
        assert lot_ends.count() == 0
        is_right()
        late.execute("COMMIT")

    assert lot_ends.count() == 1
    is_right()


def test_where_another_process_counts_nothing_is_counted_twice(other_connection: Any) -> None:
    make_programme()
    give(new_id(), 10)
    with other_connection.cursor() as other:
        other.execute("BEGIN; SELECT pg_advisory_xact_lock(hashtext('points.lot_ends'))")
        assert lot_ends.count() == 0
        assert not lot_ends.is_begun()
        other.execute("COMMIT")

    lot_ends.count()
    assert LotEndTotal.objects.get().points == 10


def test_a_database_that_counts_its_transactions_from_the_start_again_counts_all_lots() -> None:
    make_programme()
    give(new_id(), 10)
    lot_ends.count()
    LotEndReach.objects.update(last_xid=2**60)
    give(new_id(), 5)
    assert expiry_forecast(default_programme(), at=AT).total == 15

    lot_ends.count()

    assert lot_ends.is_begun()
    assert expiry_forecast(default_programme(), at=AT).total == 15
    prove()


def test_what_is_not_counted_yet_is_no_difference() -> None:
    make_programme()
    lot_ends.count()
    give(new_id(), 10)

    prove()


@at_any_size
def test_a_programmes_forecast_reads_what_was_posted_since_the_count_and_no_lot_besides(filling: Filling) -> None:
    programme = fill_ledger(Filling(filling.size // 5, filling.statistics))
    lot_ends.count()
    give(new_id(), 1)

    with transaction.atomic(), rows_read(*TABLES, *OF_ENDS) as asking:
        assert expiry_forecast(programme, at=AT + DAY / 2).total == 23 * filling.size // 5 + 1
    with transaction.atomic(), rows_read(*TABLES, *OF_ENDS) as counting:
        assert lot_ends.count() == 1

    assert 0 < asking() <= 20, asking.by_table()
    assert 0 < counting() <= 20, counting.by_table()
