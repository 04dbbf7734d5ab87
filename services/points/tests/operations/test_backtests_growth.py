"""What a backtest reads does not grow with what others did, elsewhere, or at other times."""

from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from points.backtests import operations
from points.backtests.models import Backtest
from shared.ids import new_id
from shared.testing.fillings import Filling, at_any_size
from shared.testing.owner import as_owner
from shared.testing.reads import rows_read
from tests.backtest_factories import DAY, start
from tests.event_factories import REVIEW, let_earn, tell
from tests.factories import AT, make_programme, take_back
from tests.judging_factories import ONCE, buy_lines
from tests.rules.earning.factories import PER_EURO, SHOES, fixed, rule

pytestmark = pytest.mark.django_db
MEMBERS = 20
TABLES = (
    "purchase", "purchase_line", "purchase_return", "purchase_rules", "event", "event_rules", "points_transaction",
    "backtest",
)  # fmt: skip
RULES = (
    rule("base", PER_EURO),
    rule("shoes", fixed(3), condition={"any_line": SHOES}, limits=ONCE),
    rule("first", fixed(7), trigger="first_purchase"),
    REVIEW,
)
# A third each: of another programme, of other members a year before, and of these members a year before.
_PURCHASES = """
INSERT INTO purchase (payment_id, member_id, programme_id, amount, points, returned, points_returned, currency,
    money_amount, occurred_at, channel, store, metadata, lines_by)
SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid,
    CASE WHEN n %% 3 = 2 THEN (%(members)s::uuid[])[1 + n %% 20] ELSE gen_random_uuid() END,
    CASE WHEN n %% 3 = 0 THEN NULL ELSE %(programme)s::uuid END, 50, 0, 0, 0, 'EUR', 50,
    CASE WHEN n %% 3 = 0 THEN %(at)s ELSE %(at)s - interval '1 year' END, '', '', '{}', 'member'
FROM generate_series(%(first)s::int, %(last)s::int) n
"""
_LINES = """
INSERT INTO purchase_line (payment_id, line_id, sku, category, brand, quantity, amount, points, quantity_returned,
    returned, points_returned, metadata)
SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, '1', '', '', '', 1, 50, 0, 0, 0, 0, '{}'
FROM generate_series(%(first)s::int, %(last)s::int) n
"""
_EVENTS = """
INSERT INTO event (id, programme_id, trigger, event_id, name, member_id, occurred_at, recorded_at, data, points,
    no_points_reason)
SELECT gen_random_uuid(), CASE WHEN n %% 3 = 0 THEN %(other)s::uuid ELSE %(programme)s::uuid END, 'event', n::text,
    'visit', CASE WHEN n %% 3 = 2 THEN (%(members)s::uuid[])[1 + n %% 20] ELSE gen_random_uuid() END,
    CASE WHEN n %% 3 = 0 THEN %(at)s ELSE %(at)s - interval '1 year' END, %(at)s, '{}', 0, 'no_rules'
FROM generate_series(%(first)s::int, %(last)s::int) n
"""


def tried(version: int, total: int) -> Backtest:
    row = start(version, starts_at=AT - DAY, ends_at=AT + DAY)
    for chunk in range(6):
        operations.BACKTESTS.run_chunk(row.id, chunk=chunk, at=AT + 3 * DAY)
    row.refresh_from_db()
    assert (row.state, row.done, row.total) == ("done", total, total)
    return row


@at_any_size
def test_a_backtest_reads_the_purchases_and_events_of_its_span(filling: Filling, monkeypatch: Any) -> None:
    monkeypatch.setattr(operations, "CHUNK", 12)
    as_owner(
        "ALTER TABLE purchase ALTER xid DROP DEFAULT; ALTER TABLE purchase_return ALTER xid DROP DEFAULT;"
        "ALTER TABLE event ALTER xid DROP DEFAULT"
    )
    plaza, members = make_programme(), sorted(new_id() for _ in range(MEMBERS))
    other = make_programme(name="Other")
    version = let_earn(*RULES, programme_id=plaza.id)

    def use() -> None:
        with transaction.atomic():
            _buy(members)
            tried(version, 3 * MEMBERS)
            transaction.set_rollback(True)

    filling.fill(
        ("purchase", "purchase_line", "event"), _PURCHASES, _LINES, _EVENTS, use=use,
        members=[str(one) for one in members], at=AT, programme=plaza.id, other=other.id,
    )  # fmt: skip
    _buy(members)

    with rows_read(*TABLES) as read:
        tried(version, 3 * MEMBERS)

    found = read.by_table()
    assert found.pop("purchase") <= 8 * 2 * MEMBERS
    assert {table: count for table, count in found.items() if count > 3 * 2 * MEMBERS} == {}


def _buy(members: list[UUID]) -> None:
    for member_id in members:
        buy_lines(member_id)
        take_back(buy_lines(member_id), {"1": 1})
        tell(member_id)
