"""What points keeps of a day beside the ledger is what it published of tiers and budgets, however it is folded."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from points.events.operations import record_events
from points.ledger import day_parts
from points.ledger.due import publish_totals
from points.ledger.models import DayPart
from points.tiers.operations import judge_periods
from shared.contracts.budgets import BudgetUsed
from shared.contracts.tiers import TierChanged
from shared.contracts.totals import LedgerDayTotals, Total
from shared.testing import roles
from shared.testing.messages import published
from shared.testing.reads import rows_read
from tests.budget_factories import make_budget
from tests.event_factories import NOBODY, let_earn, on, told
from tests.factories import AT, give, make_programme, prove, register, take_back
from tests.judging_factories import BASE, buy_lines
from tests.tier_factories import make_tiers

pytestmark = pytest.mark.django_db(transaction=True)
ME, OTHER = roles.MEMBER.id, roles.OTHER_MEMBER.id
TODAY, DAY = AT.date(), timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def programme() -> Any:
    register(ME, OTHER)
    return make_programme()


def buy(who: UUID, cents: int = 1_000, *, at: datetime = AT) -> Any:
    return buy_lines(who, {}, amount=cents, at=at)


def lives() -> None:
    """Let members come to tiers and leave them, and use budgets and give back, on three days."""
    make_tiers()
    let_earn(BASE, on("review", 10))
    make_budget(100_000)
    make_budget(5_000, code="each", of="uses", per="day", each="member")
    bought = buy(ME, 60_000)
    buy(OTHER, at=AT + DAY)
    record_events([told(OTHER) for _ in range(3)], teller=NOBODY, at=AT)
    take_back(bought, at=AT + DAY)
    give(OTHER, 1_200, at=AT + 2 * DAY)
    judge_periods(at=AT + 800 * DAY)


def said() -> dict[tuple[date, str, str, str], tuple[int, int]]:
    """Return what the messages come to, by day, ledger, unit and kind: how many, and the sum."""
    found: dict[tuple[date, str, str, str], Counter[str]] = {}
    for one in published(TierChanged):
        since_1970 = (one.changed_at - EPOCH) // timedelta(microseconds=1)
        text = f"{one.member_id} {one.number} {one.before or ''} {one.after or ''} {since_1970}"
        kind = (one.posted_at.date(), "tier_changes", str(one.programme_id), one.cause)
        found.setdefault(kind, Counter()).update(count=1, total=int.from_bytes(sha256(text.encode()).digest()[:4]))
    for message in published(BudgetUsed):
        for use in message.uses:
            kind = (message.posted_at.date(), "budgets", str(use.budget_id), use.period)
            found.setdefault(kind, Counter()).update(count=1, total=use.change)
    return {kind: (counts["count"], counts["total"]) for kind, counts in found.items()}


def kept() -> dict[tuple[date, str, str, str], tuple[int, int]]:
    days = DayPart.objects.values_list("day", flat=True).distinct()
    return {(day, one.ledger, one.unit, one.kind): (one.count, one.total) for day in days for one in of(day)}


def of(day: date) -> list[Total]:
    return day_parts.parts_of(day)


def test_the_days_come_to_what_was_published() -> None:
    lives()

    assert kept() == said()
    assert {day for day, *_ in said()} == {TODAY, TODAY + DAY, TODAY + 2 * DAY, TODAY + 800 * DAY}
    assert {kind for _, ledger, _, kind in said() if ledger == "tier_changes"} == {"earned", "taken_back", "period_end"}
    prove()


def test_they_are_published_with_the_ledgers_totals_of_the_day() -> None:
    lives()

    publish_totals(AT + DAY)

    yesterday, today = published(LedgerDayTotals)
    for message in (yesterday, today):
        assert [one for one in message.totals if one.ledger != "points"] == of(message.day) != []
        assert any(one.ledger == "points" for one in message.totals)
    assert (yesterday.day, today.day) == (TODAY, TODAY + DAY)


def test_parts_that_are_folded_come_to_the_same_in_one_row_for_each_kind() -> None:
    lives()
    before = kept()
    assert DayPart.objects.filter(day=TODAY).count() > len(of(TODAY))

    for _ in range(2):
        day_parts.fold(TODAY)

    assert kept() == before
    assert DayPart.objects.filter(day=TODAY).count() == len(of(TODAY))
    buy(ME)
    day_parts.fold(TODAY)
    assert kept() == said()
    prove()


@pytest.fixture
def other_connection() -> Iterator[Any]:
    other = connection.copy()
    yield other
    other.close()


def test_what_commits_while_a_day_is_folded_is_not_left_out(other_connection: Any) -> None:
    lives()
    part = "INSERT INTO day_part (day, ledger, unit, kind, count, total) VALUES (%s, 'budgets', 'x', 'ever', 1, 7)"
    with other_connection.cursor() as late:
        late.execute(f"BEGIN; {part}", [TODAY])
        buy(ME)
        day_parts.fold(TODAY)
        assert "x" not in {one.unit for one in of(TODAY)}
        late.execute("COMMIT")

    assert [(one.count, one.total) for one in of(TODAY) if one.unit == "x"] == [(1, 7)]


def test_where_another_process_folds_nothing_is_folded_twice(other_connection: Any) -> None:
    lives()
    before = DayPart.objects.count()
    with other_connection.cursor() as other:
        other.execute("BEGIN; SELECT pg_advisory_xact_lock(hashtext('points.day_parts'))")
        day_parts.fold(TODAY)
        assert DayPart.objects.count() == before
        other.execute("COMMIT")

    day_parts.fold(TODAY)
    assert DayPart.objects.count() < before


def test_a_day_reads_what_is_new_and_none_of_what_was() -> None:
    let_earn(BASE)
    make_budget(1_000_000)
    taken = []
    for times in (3, 12):
        for _ in range(times):
            buy(ME)
        day_parts.fold(TODAY)
        buy(ME)
        with transaction.atomic(), rows_read("day_part") as read:
            assert len(of(TODAY)) == 1
        taken.append(read())

    assert taken == [2, 2]  # what was folded, and the new one
