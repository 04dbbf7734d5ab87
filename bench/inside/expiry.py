"""Lots to expire, and one bare statement that ends the same lots in copies of the tables."""

from datetime import timedelta
from typing import Any

from msgspec import structs

from bench.inside.common import COLUMNS_OF, POSTINGS, copy_of, postings, seconds_of, wait_until_sent
from points.ledger.operations import post
from shared import clock
from shared.db import execute, rows
from shared.ids import new_id

_CHANGED = ("account", "lot")
_EXPIRED = ("points_transaction", "entry", "allocation", "published_message", "outbox")
# Each account has one lot that ends.
_EXPIRE = """
WITH due AS (
    UPDATE bench_lot l SET remaining = 0
    FROM (SELECT id, remaining FROM bench_lot WHERE is_open AND expires_at <= %(as_of)s) o
    WHERE l.id = o.id RETURNING l.id AS lot_id, l.account_id, o.remaining AS points, gen_random_uuid() AS id
), ended AS (
    UPDATE bench_account a SET available = available - points, expired = expired + points, version = version + 2
    FROM due WHERE a.id = due.account_id RETURNING due.*, a.version, a.available, a.expired, a.member_id, a.programme_id
), transactions AS (
    INSERT INTO bench_points_transaction (id, account_id, version, kind, points, change, balance_after, reference,
        reason, source_key, occurred_at, posted_at)
    SELECT id, account_id, version, 'expired', points, -points, available, 'lot:' || lot_id, 'expired',
        'expiry:' || lot_id || ':' || version, %(at)s, %(at)s FROM ended
), entries AS (
    INSERT INTO bench_entry (account_id, version, transaction_id, bucket, points, balance_after)
    SELECT account_id, version - 1, id, 'available', -points, available FROM ended
    UNION ALL SELECT account_id, version, id, 'expired', points, expired FROM ended
), allocations AS (
    INSERT INTO bench_allocation (transaction_id, lot_id, points) SELECT id, lot_id, points FROM ended
), published AS (
    INSERT INTO bench_published_message (message_id, name, version, destinations, correlation_id, causation_id, payload,
        occurred_at)
    SELECT id, 'points_expired', 1, '["warehouse"]', '', '', jsonb_build_object('transaction_id', id,
        'programme_id', programme_id, 'member_id', member_id, 'points', points, 'change', -points, 'balance', available,
        'reference', 'lot:' || lot_id, 'occurred_at', %(at)s, 'posted_at', %(at)s), %(at)s FROM ended
)
INSERT INTO bench_outbox (message_id, destination, next_attempt_at) SELECT id, 'warehouse', %(at)s FROM ended
"""


def lots_to_end(count: str) -> dict[str, Any]:
    """Post so many lots of as many members, as they would have been two hours ago: they ended an hour later."""
    many, now = int(count), clock.now()
    at, ends = now - timedelta(hours=2), now - timedelta(hours=1)
    members = [new_id() for _ in range(many)]
    for first in range(0, many, POSTINGS):
        commands = postings(members[first : first + POSTINGS])
        post([structs.replace(command, occurred_at=at, expires_at=ends) for command in commands], at=at)
    wait_until_sent()
    return {}


def expiry() -> dict[str, Any]:
    """Measure one bare statement that ends, in copies of the tables, every lot whose time has passed."""
    at = clock.now()
    for table in (*_CHANGED, *_EXPIRED):
        copy_of(table)
    for table in _CHANGED:
        names = ", ".join(name for name, _ in rows(COLUMNS_OF, [table]))
        execute(f"INSERT INTO bench_{table} ({names}) SELECT {names} FROM {table}")
        execute(f"ANALYZE bench_{table}")
        execute(f"ANALYZE {table}")
    bare = seconds_of(lambda: execute(_EXPIRE, {"at": at, "as_of": at}))
    ((lots, points),) = rows("SELECT count(*), sum(points)::bigint FROM bench_points_transaction")
    for table in (*_CHANGED, *_EXPIRED):
        execute(f"DROP TABLE bench_{table}")
    return {"bare": bare, "lots": lots, "points": points}
