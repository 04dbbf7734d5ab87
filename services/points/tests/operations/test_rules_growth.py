"""What judging a purchase reads does not grow with what others did, or with what the member did before."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from points.earning.queries import MEMORY
from points.programmes.queries import default_programme
from points.purchases import operations
from points.purchases.rules.purchases import NewPurchase, Purchase
from shared.ids import new_id
from shared.testing.fillings import Filling, at_any_size
from shared.testing.reads import rows_read
from tests.factories import AT, make_programme, take_back
from tests.judging_factories import BASE, ONCE, activate, buy_lines
from tests.rules.earning.factories import fixed, rule, rule_set

pytestmark = pytest.mark.django_db
TABLES = ("rule_counter", "counted_member", "member_merge", "purchase", "purchase_rules", "earned_order")
LISTED = 50
# Of the member, and of whoever was merged into it.
MOST_OF_ONE = 12
MONTHLY = [{"of": "points", "most": 10_000, "per": "month"}]
RULES = rule_set(
    rule("base", BASE["effect"], limits=MONTHLY),
    rule("welcome", fixed(100), limits=ONCE),
    rule("first", fixed(7), trigger="first_purchase"),
)
# Half of it is the one member's: months that have passed, and purchases that earned in no programme.
_COUNTERS = """
INSERT INTO rule_counter (member_id, programme_id, period, rule_id, of, count)
SELECT CASE WHEN n %% 2 = 0 THEN %(me)s::uuid ELSE gen_random_uuid() END, %(programme)s::uuid,
    to_char(date '2025-12-01' - n * interval '1 month', 'YYYY-MM'), 'base', 'points', 5
FROM generate_series(%(first)s::int, %(last)s::int) n
"""
_COUNTED = """
INSERT INTO counted_member (member_id, programme_id)
SELECT gen_random_uuid(), %(programme)s::uuid FROM generate_series(%(first)s::int, %(last)s::int) n
"""
_PURCHASES = """
INSERT INTO purchase (payment_id, member_id, programme_id, amount, points, returned, points_returned, currency,
    money_amount, occurred_at, channel, store, metadata, lines_by)
SELECT gen_random_uuid(), CASE WHEN n %% 2 = 0 THEN %(me)s::uuid ELSE gen_random_uuid() END, NULL, 50, 0, 0, 0, 'EUR',
    50, '2025-01-01', '', '', '{}', 'member' FROM generate_series(%(first)s::int, %(last)s::int) n
"""


def payment(member_id: UUID) -> NewPurchase:
    return NewPurchase(
        payment_id=new_id(), member_id=member_id, merchant_id=new_id(), order_id="1", currency="EUR", amount=1_000,
        money_amount=1_000, lines=(), captured_at=AT,
    )  # fmt: skip


def fill(filling: Filling, me: UUID, use: Callable[[], Any]) -> None:
    filling.fill(
        ("rule_counter", "counted_member", "purchase"), _COUNTERS, _COUNTED, _PURCHASES, use=use, me=me,
        programme=default_programme().id,
    )  # fmt: skip


@at_any_size
def test_judging_and_returning_read_what_they_are_about(filling: Filling, member: Any) -> None:
    make_programme()
    activate(RULES)
    me, others = member.id, [new_id() for _ in range(LISTED)]

    def buy_and_return() -> Purchase:
        bought = buy_lines(me)
        take_back(bought)
        return bought

    def use() -> None:
        """Do all once, so that plans are made and kept, and let nothing of it stay."""
        with transaction.atomic():
            buy_and_return()
            operations.earn_purchases([payment(one) for one in others], at=AT)
            transaction.set_rollback(True)

    fill(filling, me, use)

    with rows_read(*TABLES) as of_one:
        bought = buy_and_return()
    with rows_read(*TABLES) as of_list:
        operations.earn_purchases([payment(one) for one in others], at=AT)

    assert bought.points == 43 + 100 + 7
    assert {table: count for table, count in of_one.by_table().items() if count > MOST_OF_ONE} == {}
    assert {table: count for table, count in of_list.by_table().items() if count > 4 * LISTED} == {}
    MEMORY.invalidate()
