"""Whoever owns the database can change anything; `verify_ledger` then names what was changed, in whichever column."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from points.adjustments import operations as adjustments
from points.adjustments.rows import Adjustment
from points.expiry import operations as expiry
from points.ledger import lot_ends, operations
from points.ledger.proofs import Difference, differences
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from points.seals.operations import seal_all
from points.seals.proofs import chain_difference
from shared import clock
from shared.db import rows
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import deliver
from shared.testing.owner import as_owner
from tests.factories import give, hold, make_programme, spend, take_back
from tests.judging_factories import PAPER, activate, buy_lines
from tests.messages.test_payments import captured, refunded

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)
FLIPS = {
    "bigint": "coalesce({0}, 0) + 1",
    "uuid": "gen_random_uuid()",
    "character varying": "CASE WHEN {0} LIKE 'x%' THEN 'y' ELSE 'x' END || substr(coalesce({0}, ''), 2)",
    "timestamp with time zone": "coalesce({0}, now()) + interval '1 second'",
}
# The tables of which the ledger below has rows.
TABLES = [
    "account", "points_transaction", "entry", "lot", "allocation", "hold", "purchase", "purchase_line",
    "purchase_return", "adjustment_request", "adjustment_decision", "adjustment_state", "lot_end", "lot_end_total",
    "purchase_rules", "return_rules", "rule_counter",
]  # fmt: skip
# Known to one row only, so that nothing can contradict it.
ALONE = {
    "adjustment_decision": {"decided_by", "reason"},
    "hold": {"closed_at", "expires_at"},
    "lot_end_total": {"id"},
    "purchase": {
        "amount", "channel", "currency", "member_id", "merchant_id", "money_amount", "occurred_at", "programme_id",
        "reference", "store", "transaction_id",
    },
    "purchase_line": {
        "brand", "category", "points_returned", "quantity_returned", "returned", "sku",
    },
    "purchase_rules": {"timezone"},
    "purchase_return": {"reason", "return_id", "returned_at"},
}  # fmt: skip
_COLUMNS = """
SELECT table_name, column_name, data_type FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = ANY(%s) AND is_generated = 'NEVER' ORDER BY 1, 2
"""


@pytest.fixture
def everything(member: Actor, other_member: Actor) -> None:
    """A ledger with a row of each kind, sealed."""
    make_programme()
    at = clock.now() - DAY
    give(member.id, 1000, at=at)
    give(member.id, 20, at=at, expires_at=at + DAY / 2)
    spent = spend(member.id, 30, at=at)
    operations.reverse_transaction(spent.id, reason="r", actor_id=new_id(), at=at)
    operations.capture_hold(hold(member.id, 9, at=at).id, points=5, at=at)
    hold(member.id, 7, at=at, expires_at=at + 9 * DAY)
    operations.transfer_points(
        programme_id=None, from_member_id=member.id, to_member_id=other_member.id, points=3, reason="r", at=at
    )
    activate(PAPER, at=at)
    take_back(buy_lines(member.id, at=at, amount=5_000), {"1": 1}, at=at)
    paid = captured(member.id, {"1": 500, "2": 700})
    deliver(paid)
    deliver(refunded(paid, 300, {"2": 300}))
    ask_and_approve(member.id)
    expiry.expire_all(at=clock.now())
    lot_ends.count()
    seal_all(at=clock.now())


def ask_and_approve(member_id: UUID) -> None:
    change_programme(default_programme().id, changes={"adjustment_limit": 10}, at=clock.now())
    asked = adjustments.ask_for_adjustment(
        programme_id=None, member_id=member_id, points=11, reason="r", actor_id=new_id(), at=clock.now()
    )
    assert isinstance(asked, Adjustment)
    adjustments.approve_adjustment(asked.id, actor_id=new_id(), at=clock.now())


@contextmanager
def flipped(table: str, column: str, kind: str) -> Iterator[None]:
    """Let the owner change one value of one row, and undo it afterwards."""
    with transaction.atomic():
        as_owner(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        changed = as_owner(
            f"UPDATE {table} SET {column} = {FLIPS[kind].format(column)}"
            f" WHERE ctid = (SELECT ctid FROM {table} ORDER BY {column} IS NULL, ctid DESC LIMIT 1)"
        )
        assert changed == 1, table
        yield
        transaction.set_rollback(True)


def found() -> list[Difference]:
    broken = chain_difference()
    return differences() + ([broken] if broken else [])


def test_a_flipped_value_of_any_column_is_refused_or_found(everything: Any) -> None:
    unseen = set()
    assert found() == []
    for table, column, kind in rows(_COLUMNS, [TABLES]):
        if kind not in FLIPS:
            continue
        try:
            with flipped(table, column, kind):
                if not found():
                    unseen.add(f"{table}.{column}")
        except IntegrityError:
            continue  # not even the owner can

    expected = {f"{table}.{column}" for table, columns in ALONE.items() for column in columns}
    assert unseen == expected, " ".join(sorted(unseen ^ expected))
