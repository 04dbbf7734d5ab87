"""A ledger of any size: so many members who did the same, of whom the first are asked."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from points.programmes.rules import Programme
from shared.testing.fillings import Filling
from tests.factories import AT, make_programme

TABLES = (
    "account", "points_transaction", "entry", "lot", "allocation", "pending_points", "hold", "purchase",
    "expiry_notice",
)  # fmt: skip
DAY = timedelta(days=1)
_ROWS = "generate_series(%(first)s::integer, %(last)s::integer) AS n"


def _id(what: int) -> str:
    return f"lpad(to_hex(n + {what * 1_000_000}), 32, '0')::uuid"


def of_member(number: int, what: int = 0) -> UUID:
    """Return the id of a member, numbered from 1, or of what they did: see `_DONE`."""
    return UUID(int=what * 1_000_000 + number)


ENDS, LASTS, COMES, AWAITED, SPENT, HELD = range(6)
# What everybody did: earned points that end after a day, some that last, some that come to be spent later, some that
# wait for an event; spent some of the first, and have some of the second set aside. Each: kind, points, change, balance
# after; its bucket's and the other's.
_DONE = f"""(VALUES
    ({_id(ENDS)}, 2, 'earned', 10, 10, 10, 'available', 10, 10, 'issued', -10, -10),
    ({_id(LASTS)}, 4, 'earned', 20, 20, 30, 'available', 20, 30, 'issued', -20, -30),
    ({_id(COMES)}, 6, 'earned', 5, 0, 30, 'pending', 5, 5, 'issued', -5, -35),
    ({_id(AWAITED)}, 8, 'earned', 2, 0, 30, 'pending', 2, 7, 'issued', -2, -37),
    ({_id(SPENT)}, 10, 'redeemed', 3, -3, 27, 'available', -3, 27, 'redeemed', 3, 3),
    ({_id(HELD)}, 12, 'held', 4, -4, 23, 'available', -4, 23, 'held', 4, 4)
) AS done (id, version, kind, points, change, balance, bucket, moved, after, other, other_moved, other_after)"""
_INSERTS = (
    # Accounts that are made while the ledger is used have no number of these.
    "SELECT setval(pg_get_serial_sequence('account', 'id'), 1000000)",
    f"""
INSERT INTO account (id, programme_id, member_id, available, pending, issued, redeemed, version, held, deficit, expired,
    adjusted, returned) SELECT n, %(programme)s, {_id(0)}, 23, 7, -37, 3, 12, 4, 0, 0, 0, 0 FROM {_ROWS}
""",
    f"""
INSERT INTO points_transaction (id, account_id, version, kind, points, change, balance_after, reference, reason,
    occurred_at, posted_at)
SELECT id, n, version, kind, points, change, balance, '', '', %(at)s, %(at)s FROM {_ROWS} CROSS JOIN LATERAL {_DONE}
""",
    f"""
INSERT INTO entry (account_id, version, transaction_id, bucket, points, balance_after)
SELECT n, version - 1, id, bucket, moved, after FROM {_ROWS} CROSS JOIN LATERAL {_DONE}
UNION ALL SELECT n, version, id, other, other_moved, other_after FROM {_ROWS} CROSS JOIN LATERAL {_DONE}
""",
    f"""
INSERT INTO lot (id, account_id, number, points, remaining, active_from, expires_at)
SELECT id, n, number, points, remaining, %(at)s, %(at)s + ends FROM {_ROWS} CROSS JOIN LATERAL (VALUES
    ({_id(ENDS)}, 2, 10, 7, interval '1 day'), ({_id(LASTS)}, 4, 20, 16, interval '1 year')
) AS lots (id, number, points, remaining, ends)
""",
    f"""
INSERT INTO allocation (transaction_id, lot_id, points) SELECT {_id(SPENT)}, {_id(ENDS)}, 3 FROM {_ROWS}
UNION ALL SELECT {_id(HELD)}, {_id(LASTS)}, 4 FROM {_ROWS}
""",
    f"""
INSERT INTO hold (id, account_id, points, state, captured, reference, expires_at, created_at)
SELECT {_id(HELD)}, n, 4, 'held', 0, '', %(at)s + interval '9 days' + n * interval '1 minute', %(at)s FROM {_ROWS}
""",
    f"""
INSERT INTO pending_points (id, account_id, points, remaining, activated, state, on_event, due_at, reference,
    created_at)
SELECT id, n, points, points, 0, 'pending', event, %(at)s + interval '9 days' + n * interval '1 minute', '', %(at)s
FROM {_ROWS} CROSS JOIN LATERAL (VALUES ({_id(COMES)}, 5, ''), ({_id(AWAITED)}, 2, 'delivered')
) AS waiting (id, points, event)
""",
)


def fill_ledger(filling: Filling, use: Callable[[Programme], object] | None = None) -> Programme:
    """Make the programme and the ledger of so many members; see `Filling.fill` for when it is used."""
    programme = make_programme(notice_days=[3])
    filling.fill(TABLES, *_INSERTS, use=use and (lambda: use(programme)), programme=programme.id, at=AT)
    return programme
