"""What one member's points cost to read and to move does not grow with the others', whatever the statistics say."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from points.ledger import pending
from points.ledger.history import account_at
from points.programmes.rules import Programme
from shared.testing.fillings import Filling, at_any_size
from shared.testing.reads import rows_read
from tests.factories import AT, give, make_programme, points_of, spend

pytestmark = pytest.mark.django_db
TABLES = ("account", "points_transaction", "entry", "lot", "allocation", "pending_points")
ROWS = "generate_series(%(first)s::integer, %(last)s::integer) AS n"
ID = "lpad(to_hex(n), 32, '0')::uuid"
LATER = "lpad(to_hex(n + 1000000), 32, '0')::uuid"
# Everybody has earned ten points and waits for five more.
ACCOUNTS = f"""
INSERT INTO account (id, programme_id, member_id, available, pending, issued, version, held, deficit, redeemed, expired,
    adjusted, returned) SELECT n, %(programme)s, {ID}, 10, 5, -15, 4, 0, 0, 0, 0, 0, 0 FROM {ROWS}
"""
EARNED = f"""
INSERT INTO points_transaction (id, account_id, version, kind, points, change, balance_after, reference, reason,
    occurred_at, posted_at)
SELECT id, n, version, 'earned', points, change, 10, '', '', %(at)s, %(at)s
FROM {ROWS} CROSS JOIN LATERAL (VALUES ({ID}, 2, 10, 10), ({LATER}, 4, 5, 0)) AS t (id, version, points, change)
"""
ENTRIES = f"""
INSERT INTO entry (account_id, version, transaction_id, bucket, points, balance_after)
SELECT n, version, id, bucket, points, balance FROM {ROWS} CROSS JOIN LATERAL (VALUES
    ({ID}, 1, 'available', 10, 10), ({ID}, 2, 'issued', -10, -10), ({LATER}, 3, 'pending', 5, 5),
    ({LATER}, 4, 'issued', -5, -15)) AS e (id, version, bucket, points, balance)
"""
LOTS = f"""
INSERT INTO lot (id, account_id, number, points, remaining, active_from, expires_at)
SELECT {ID}, n, 2, 10, 10, %(at)s, %(at)s + interval '1 year' FROM {ROWS}
"""
PENDING = f"""
INSERT INTO pending_points (id, account_id, points, remaining, activated, state, on_event, due_at, reference,
    created_at)
SELECT {LATER}, n, 5, 5, 0, 'pending', '', %(at)s + n * interval '1 minute', '', %(at)s FROM {ROWS}
"""
ME, MINE, WAITS, SOON = UUID(int=7), 7, UUID(int=1_000_007), AT + timedelta(seconds=1)


@pytest.fixture
def programme(filling: Filling) -> Programme:
    made = make_programme()
    inserts = (ACCOUNTS, EARNED, ENTRIES, LOTS, PENDING)
    filling.fill(TABLES, *inserts, use=use_all(made), programme=made.id, at=AT)
    return made


def use_all(programme: Programme) -> Callable[[], None]:
    def use() -> None:
        for call in calls(programme).values():
            call()

    return use


def calls(programme: Programme) -> dict[str, Callable[[], object]]:
    """Return what is asked about one member."""
    return {
        "balance": lambda: points_of(ME),
        "balance then": lambda: account_at(programme_id=programme.id, member_id=ME, at=SOON),
        "pending by name": lambda: pending.read(named=[WAITS], accounts=[MINE], at=AT),
        "pending next": lambda: pending.next_activation(MINE, at=AT),
    }


@at_any_size
def test_reading_one_members_points_reads_that_members_rows(filling: Filling, programme: Programme) -> None:
    for name, call in calls(programme).items():
        with rows_read(*TABLES) as read:
            call()

        assert max(read.by_table().values()) <= 16, (name, read.by_table())


@at_any_size
def test_moving_one_members_points_reads_that_members_rows(filling: Filling, programme: Programme) -> None:
    for move in (give, spend):
        with rows_read(*TABLES) as read:
            move(ME, 3, at=SOON)

        assert max(read.by_table().values()) <= 16, (move, read.by_table())
