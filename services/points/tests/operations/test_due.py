"""What falls due by the installation's time, and when next: each at its own instant, by the clock's functions."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from points.due import DUE
from points.ledger.models import Transaction
from points.ledger.rules.earnings import Wait
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from points.vouchers.models import VoucherCampaign
from shared.contracts.points import PointsExpiring
from shared.contracts.totals import LedgerDayTotals
from shared.ids import new_id
from shared.testclock.due import Due, first
from shared.testing.messages import published
from shared.zones import midnight_after
from tests.factories import AT, give, hold, make_programme, points_of, prove
from tests.voucher_factories import make_campaign

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
KINDS = {one.kind: one for one in DUE}


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme(lot_days=30, timezone="UTC")
    return UUID(str(member.id))


def end_of(day: str, timezone: str) -> datetime:
    return midnight_after(date.fromisoformat(day), timezone)


def done_at(at: datetime) -> dict[str, int]:
    return {one.kind: count for one in DUE if (count := one.run(at))}


def instants(since: datetime, until: datetime) -> Iterator[tuple[datetime, dict[str, int]]]:
    """Go from one due instant to the next, as the test clock does."""
    at = since
    while (found := first(one.next(at) for one in DUE)) and found <= until:
        at = found
        yield at, done_at(at)


def test_nothing_is_due_where_there_is_nothing(me: UUID) -> None:
    assert [one.next(AT) for one in DUE] == [None] * len(DUE)
    assert done_at(AT) == {}


def test_a_hold_ends_at_its_instant_and_not_a_moment_before(me: UUID) -> None:
    give(me, 100)
    hold(me, 40, expires_at=AT + HOUR)
    due = KINDS["holds_expired"]

    assert due.next(AT) == AT + HOUR
    assert due.run(AT + HOUR - timedelta(microseconds=1)) == 0
    assert due.run(AT + HOUR) == 1
    assert due.run(AT + HOUR) == 0
    assert due.next(AT) is None
    assert Transaction.objects.get(kind="released").posted_at == AT + HOUR


def test_pending_points_are_activated_at_their_instant(me: UUID) -> None:
    give(me, 30, wait=Wait(at=AT + 2 * DAY))
    due = KINDS["pending_points_closed"]

    assert (due.next(AT), due.run(AT + DAY)) == (AT + 2 * DAY, 0)
    assert due.run(AT + 2 * DAY) == 1
    assert (due.next(AT), points_of(me, at=AT + 2 * DAY)) == (None, (30, 0))


def test_lots_end_at_their_instant(me: UUID) -> None:
    give(me, 100, expires_at=AT + 5 * HOUR)
    due = KINDS["lots_expired"]

    assert (due.next(AT), due.run(AT + 4 * HOUR)) == (AT + 5 * HOUR, 0)
    assert (due.run(AT + 5 * HOUR), due.next(AT)) == (1, None)
    assert Transaction.objects.get(kind="expired").posted_at == AT + 5 * HOUR


@pytest.mark.parametrize(
    ("timezone", "midnight"),
    [
        ("UTC", "2026-03-17T00:00:00Z"),
        ("Pacific/Apia", "2026-03-16T11:00:00Z"),
        ("Pacific/Pago_Pago", "2026-03-17T11:00:00Z"),
        ("Europe/Berlin", "2026-03-16T23:00:00Z"),
    ],
)
def test_notices_are_due_where_the_day_begins_that_is_so_many_days_before_an_end(
    me: UUID, timezone: str, midnight: str
) -> None:
    changes = {"notice_days": [14, 3], "timezone": timezone}
    change_programme(default_programme().id, changes=changes, actor_id=new_id(), at=AT)
    due = KINDS["expiry_notices"]
    give(me, 100, expires_at=end_of("2026-03-31", timezone))
    due.run(AT)

    assert due.next(AT) == datetime.fromisoformat(midnight)
    assert due.run(due.next(AT) - timedelta(microseconds=1)) == 0
    assert due.run(datetime.fromisoformat(midnight)) == 1
    assert due.next(datetime.fromisoformat(midnight)) == datetime.fromisoformat(midnight) + 11 * DAY
    assert [(message.days, message.points) for message in published(PointsExpiring)] == [(14, 100)]


def test_where_a_longer_grace_puts_an_earlier_day_behind_its_notices_come_first(me: UUID) -> None:
    change_programme(default_programme().id, changes={"notice_days": [3]}, actor_id=new_id(), at=AT)
    due = KINDS["expiry_notices"]
    due.run(AT)
    give(me, 10, expires_at=AT + 20 * DAY)
    assert due.next(AT) == datetime.fromisoformat("2026-03-18T00:00:00Z")

    give(me, 10, expires_at=AT + 12 * DAY)

    assert due.next(AT) == datetime.fromisoformat("2026-03-10T00:00:00Z")


def test_a_campaign_begins_and_ends(me: UUID) -> None:
    campaign = make_campaign(starts_at=AT + DAY, ends_at=AT + 9 * DAY)
    due = KINDS["campaign_windows"]

    assert (due.next(AT), due.next(AT + DAY), due.next(AT + 9 * DAY)) == (AT + DAY, AT + 9 * DAY, None)
    VoucherCampaign.objects.filter(id=campaign.id).update(status="ended")
    assert due.next(AT) is None


def test_a_day_is_told_before_the_time_leaves_it(me: UUID) -> None:
    give(me, 100)

    assert done_at(AT) == {}
    assert [(message.day, message.totals[0].total) for message in published(LedgerDayTotals)] == [(AT.date(), 100)]


def test_from_instant_to_instant_each_thing_happens_once_and_at_its_own(me: UUID) -> None:
    change_programme(default_programme().id, changes={"notice_days": [2]}, actor_id=new_id(), at=AT)
    done_at(AT)
    give(me, 100, expires_at=AT + 10 * DAY)
    give(me, 5, wait=Wait(at=AT + 4 * DAY))
    hold(me, 40, expires_at=AT + 3 * DAY)

    story = list(instants(AT, AT + 60 * DAY))

    assert [(at - AT, done) for at, done in story] == [
        (3 * DAY, {"holds_expired": 1}),
        (4 * DAY, {"pending_points_closed": 1}),
        (7 * DAY + 12 * HOUR, {"expiry_notices": 1}),
        (10 * DAY, {"lots_expired": 1}),
        (31 * DAY + 12 * HOUR, {"expiry_notices": 1}),
        (34 * DAY + 12 * HOUR, {"lots_expired": 1}),
    ]
    prove()


def lives(me: UUID) -> None:
    """Let all begin that falls due later: holds, points that wait, lots of three policies, notices, a campaign."""
    programmes = {
        "rolling": {"expiry": {"kind": "rolling", "count": 1, "unit": "month"}, "notice_days": [14, 3]},
        "dates": {"expiry": {"kind": "dates", "dates": ["05-31", "06-30"]}, "timezone": "America/St_Johns"},
        "sliding": {"expiry": {"kind": "sliding", "count": 40, "unit": "day", "activities": ["redeemed"]}},
    }
    for name, terms in programmes.items():
        made = make_programme(name=name, **{"lot_days": None, "timezone": "Pacific/Apia", "grace_days": 2} | terms)
        more: dict[str, Any] = {"programme_id": made.id}
        for points in (100, 50, 7):
            give(me, points, **more)
        hold(me, 60, expires_at=AT + timedelta(days=len(name)), **more)
        give(me, 30, wait=Wait(at=AT + timedelta(days=len(name))), **more)
        give(me, 9, wait=Wait(on_event="delivered", deadline=AT + 20 * DAY), **more)
    make_campaign(starts_at=AT + 2 * DAY, ends_at=AT + 9 * DAY)


def story(me: UUID, cuts: list[timedelta]) -> list[Any]:
    """Move the time to each of these cuts, from one due instant to the next; return all that the ledger says of it."""
    with transaction.atomic():
        lives(me)
        at = AT
        for cut in cuts:
            done_at(at)
            for instant, _ in instants(at, AT + cut):
                done_at(instant)
            at = AT + cut
        prove()
        columns = ("account__programme__name", "kind", "change", "balance_after", "posted_at", "occurred_at")
        told = sorted((message.points, message.days, message.expires_on) for message in published(PointsExpiring))
        found = [*sorted(Transaction.objects.values_list(*columns)), *told]
        transaction.set_rollback(True)
    return found


def test_the_same_happens_however_the_time_is_cut(me: UUID) -> None:
    whole = story(me, [120 * DAY])

    @settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.integers(1, 120 * 24 - 1), max_size=12, unique=True))
    @example([*range(24, 120 * 24, 24)])
    @example([*range(12 * 24, 120 * 24, 12 * 24)])
    def is_the_same(hours: list[int]) -> None:
        assert story(me, [*(timedelta(hours=hour) for hour in sorted(hours)), 120 * DAY]) == whole

    assert len(whole) > 20
    is_the_same()


def test_it_is_the_periodic_jobs_that_do_it() -> None:
    assert all(isinstance(one, Due) for one in DUE)
    assert len(KINDS) == len(DUE)
