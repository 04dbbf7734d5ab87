"""What the measurements share: postings, copies of tables, clocks."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction

from points.ledger.posting import post_answered
from points.ledger.rules.values import Kind, Posting
from points.programmes.queries import programme
from shared import clock
from shared.db import execute, rows
from shared.ids import new_id
from shared.postgres import optimistic

POSTINGS, PAIRS, ROUNDS = 10_000, 400, 3
COLUMNS_OF = """
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum
"""


def postings(members: list[Any]) -> list[Posting]:
    """Return one earning for each member, none of them posted before."""
    at, programme_id = clock.now(), programme(None).id
    return [
        Posting(
            kind=Kind.EARNED,
            programme_id=programme_id,
            member_id=member,
            points=10,
            reference="",
            reason="bench",
            source_key=f"bench:{new_id()}",
            occurred_at=at,
            expires_at=at + timedelta(days=365),
            actor_id=members[0],
        )
        for member in members
    ]


def one_by_one(commands: list[Posting]) -> None:
    """Post each in a transaction of its own, as an earning is: before its account is read."""
    for command in commands:
        with optimistic.attempt(), transaction.atomic():
            post_answered(command, at=clock.now())


def copy_of(table: str) -> None:
    """Make an empty copy of a table: same columns, checks and indexes."""
    execute(f"DROP TABLE IF EXISTS bench_{table}")
    execute(f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL)")


def seconds_of(work: Callable[[], Any]) -> float:
    """Measure work that is one transaction."""
    begun = time.monotonic()
    with transaction.atomic():
        work()
    return time.monotonic() - begun


def seconds_of_pieces(work: Callable[[], Any]) -> float:
    """Measure work whose every piece commits by itself."""
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def wait_until_sent() -> None:
    """Wait until the messages of the round before are gone, so that they do not slow the next one.

    :raises TimeoutError: for two minutes none went.
    """
    least, until = None, 0.0
    while (waiting := rows("SELECT count(*) FROM outbox WHERE parked_at IS NULL")[0][0]) > 0:
        if least is None or waiting < least:
            least, until = waiting, time.monotonic() + 120
        if time.monotonic() > until:
            raise TimeoutError(f"{waiting} messages of the round before still wait after 120 s")
        time.sleep(0.2)
