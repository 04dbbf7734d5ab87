"""A ledger of any size and the time that its operations take there; run by bench/scale.py with the service's settings.

Each member has ten entries: three earnings of 10 points and two redemptions of 4. They are written by statements, with
the triggers of the ledger off, and proven for a part of the members; then everything goes by the service's own code.
"""

import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from hashlib import md5
from statistics import median
from typing import Any
from uuid import UUID

import django

django.setup()

from django.db import transaction  # noqa: E402 - after the set-up

from points.ledger import operations  # noqa: E402
from points.ledger.proofs import differences  # noqa: E402
from points.ledger.queries import balance, lots_of, transactions_of, with_details  # noqa: E402
from points.ledger.rules.values import Kind, Posting  # noqa: E402
from points.programmes.operations import create_programme  # noqa: E402
from points.programmes.queries import default_programme  # noqa: E402
from shared import clock  # noqa: E402
from shared.db import execute, rows  # noqa: E402
from shared.garbage import collect_rarely  # noqa: E402

CHUNK, TIMES, BATCHES, PEOPLE = 20_000, 300, (1_000, 10_000), 20_000
TABLES = ("account", "points_transaction", "entry", "lot", "allocation")
OPERATOR = UUID(int=9)
_ACCOUNTS = """
INSERT INTO account (programme_id, member_id, available, held, pending, deficit, issued, redeemed, expired, adjusted,
    returned, version)
SELECT %(programme)s, md5(n::text)::uuid, 22, 0, 0, 0, -30, 8, 0, 0, 0, 10 FROM generate_series(%(first)s, %(last)s) n
"""
_MOVES = """
WITH step(k, kind, points, change, balance, counter, counted) AS (VALUES
    (1, 'earned', 10, 10, 10, 'issued', -10), (2, 'earned', 10, 10, 20, 'issued', -20),
    (3, 'earned', 10, 10, 30, 'issued', -30), (4, 'redeemed', 4, -4, 26, 'redeemed', 4),
    (5, 'redeemed', 4, -4, 22, 'redeemed', 8)
), move AS (
    SELECT step.*, a.id AS account_id, n, %(at)s - interval '1 day' * (n %% 360) - interval '1 h' * (5 - k) AS at,
        ('01900000000070008' || lpad(to_hex(n * 8 + k), 15, '0'))::uuid AS id,
        ('01900000000070008' || lpad(to_hex(n * 8 + 1), 15, '0'))::uuid AS first_id
    FROM generate_series(%(first)s, %(last)s) n
    JOIN account a ON a.member_id = md5(n::text)::uuid AND a.programme_id = %(programme)s CROSS JOIN step
), transactions AS (
    INSERT INTO points_transaction (id, account_id, version, kind, points, change, balance_after, reference, reason,
        source_key, occurred_at, posted_at)
    SELECT id, account_id, 2 * k, kind, points, change, balance, '', 'generated', 'scale:' || n || ':' || k, at, at
    FROM move
), entries AS (
    INSERT INTO entry (account_id, version, transaction_id, bucket, points, balance_after)
    SELECT account_id, 2 * k - 1, id, 'available', change, balance FROM move
    UNION ALL SELECT account_id, 2 * k, id, counter, -change, counted FROM move
), lots AS (
    INSERT INTO lot (id, account_id, number, points, remaining, active_from, expires_at)
    SELECT id, account_id, 2 * k, 10, CASE k WHEN 1 THEN 2 ELSE 10 END, at, at + interval '2 years' FROM move
    WHERE k < 4
)
INSERT INTO allocation (transaction_id, lot_id, points) SELECT id, first_id, 4 FROM move WHERE k > 3
"""


def grow(members: str) -> dict[str, Any]:
    """Add members until there are so many; return how many entries there are."""
    ((there,),) = rows("SELECT count(*) FROM account")
    programme = default_programme_or_new()
    for table in TABLES:
        execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for first in range(there + 1, int(members) + 1, CHUNK):
        last = min(first + CHUNK - 1, int(members))
        wish = {"programme": programme, "at": clock.now(), "first": first, "last": last}
        with transaction.atomic():
            execute(_ACCOUNTS, wish)
            execute(_MOVES, wish)
    for table in TABLES:
        execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        execute(f"VACUUM ANALYZE {table}")
    return {"entries": rows("SELECT count(*) FROM entry")[0][0]}


def prove() -> dict[str, Any]:
    """Prove the whole ledger.

    :raises AssertionError: something does not add up.
    """
    found = differences()
    assert not found, found
    return {}


def default_programme_or_new() -> UUID:
    """Return the one programme of this database."""
    if not rows("SELECT 1 FROM programme"):
        worth = {"earn_points": 1, "earn_amount": 100, "value_points": 100, "value_amount": 100}
        create_programme(name="Scale", currency="EUR", timezone="UTC", lot_days=365, **worth, at=clock.now())
    return default_programme().id


def measure(members: str, seed: str) -> dict[str, Any]:
    """Return the median of each operation's seconds, over members that nothing was asked about before."""
    programme, people = default_programme_or_new(), _people(int(members), seed)
    single = _single(programme)
    taken: dict[str, list[float]] = {name: [] for name in single}
    for turn in range(TIMES + 20):
        for name, run in single.items():
            seconds = _seconds(lambda run=run: run(next(people), next(people)))  # type: ignore[misc]
            if turn >= 20:  # the first ones prepare their statements
                taken[name].append(seconds)
    return {name: median(found) for name, found in taken.items()} | {
        f"batch of {many:,}": median(_batches(programme, int(members), many)) for many in BATCHES
    }


def _batches(programme: UUID, members: int, many: int) -> list[float]:
    """Return the seconds of each of five batches of earnings, for members at random."""
    found = []
    for turn in range(7):
        people = random.Random(f"{many} {turn}").sample(range(1, members + 1), many)  # noqa: S311 - no secret
        wishes = _earnings(programme, people)
        found.append(_seconds(partial(operations.post, wishes, at=clock.now())))
    return found[2:]


def _people(members: int, seed: str) -> Iterator[UUID]:
    """Yield members at random, each once; their ids are spread as random ones are, and made by both sides alike."""
    for number in random.Random(seed).sample(range(1, members + 1), PEOPLE):  # noqa: S311 - no secret
        yield _member(number)


def _member(number: int) -> UUID:
    return UUID(md5(str(number).encode(), usedforsecurity=False).hexdigest())


def _single(programme: UUID) -> dict[str, Callable[[UUID, UUID], Any]]:
    def of(member: UUID) -> dict[str, Any]:
        return {"programme_id": programme, "member_id": member}

    def earn(who: UUID, _: UUID) -> Any:
        return operations.earn_points(**of(who), points=5, reason="scale", at=clock.now())

    def redeem(who: UUID, _: UUID) -> Any:
        return operations.redeem_points(**of(who), points=5, reference="", reason="scale", at=clock.now())

    def hold_and_capture(who: UUID, _: UUID) -> Any:
        at = clock.now()
        made = operations.hold_points(**of(who), points=5, reference="", expires_at=at + timedelta(hours=1), at=at)
        return operations.capture_hold(made.id, at=at)

    def transfer(who: UUID, to: UUID) -> Any:
        return operations.transfer_points(
            programme_id=programme, from_member_id=who, to_member_id=to, points=5, reason="scale", at=clock.now()
        )

    def redeem_and_reverse(who: UUID, to: UUID) -> Any:
        return operations.reverse_transaction(redeem(who, to).id, reason="scale", actor_id=OPERATOR, at=clock.now())

    def page(who: UUID, _: UUID) -> Any:
        newest = transactions_of(**of(who)).order_by("-version").values_list("id", flat=True)[:20]
        return with_details(list(newest))

    return {
        "earn": earn,
        "redeem": redeem,
        "hold and capture": hold_and_capture,
        "transfer": transfer,
        "redeem and reverse": redeem_and_reverse,
        "balance": lambda who, _: balance(**of(who), at=clock.now()),
        "lots": lambda who, _: list(lots_of(**of(who), at=clock.now())),
        "page of transactions": page,
    }


def _earnings(programme: UUID, people: list[int]) -> list[Posting]:
    return [
        Posting(kind=Kind.EARNED, programme_id=programme, member_id=_member(number), points=5, reason="scale")
        for number in people
    ]


def _seconds(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    collect_rarely()  # as every process of the service does
    print(json.dumps({"grow": grow, "prove": prove, "measure": measure}[sys.argv[1]](*sys.argv[2:])))
