"""Figures of the points service's own database; run by bench/database_rows.py with that service's settings.

Prints one JSON object. The copies of tables are made with `LIKE … INCLUDING ALL`: same columns, checks and indexes.
"""

import io
import json
import multiprocessing
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import django
from msgspec import structs

django.setup()

from django.db import connection, transaction  # noqa: E402 - after the set-up

from points.ledger.operations import expire_all, post  # noqa: E402
from points.ledger.rules.values import Kind, Posting  # noqa: E402
from points.programmes.queries import programme  # noqa: E402
from shared import clock  # noqa: E402
from shared.db import execute, rows  # noqa: E402
from shared.garbage import collect_rarely  # noqa: E402
from shared.ids import new_id  # noqa: E402

POSTINGS, PAIRS, ROUNDS = 10_000, 400, 3
CLIENTS, WARM_UP = (1, 4, 16), 10
WRITTEN = {
    "points_transaction": "id = ANY(%s::uuid[])",
    "entry": "transaction_id = ANY(%s::uuid[])",
    "lot": "account_id IN (SELECT account_id FROM points_transaction WHERE id = ANY(%s::uuid[]))",
    "told_message": "(payload->>'transaction_id')::uuid = ANY(%s::uuid[])",
    "outbox": "message_id IN (SELECT message_id FROM told_message"
    " WHERE (payload->>'transaction_id')::uuid = ANY(%s::uuid[]))",
}
_COLUMNS = """
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


def batch() -> dict[str, Any]:
    """Measure the posting engine beside bare inserts of the rows that it writes."""
    members = [new_id() for _ in range(POSTINGS)]
    inserts = _bare_inserts(members)
    engine, bare = [], []
    for _ in range(ROUNDS):
        _drain()
        wishes = postings(members)
        engine.append(_seconds(partial(post, wishes, at=clock.now())))
        _drain()
        for statement, _ in inserts:
            execute(f"TRUNCATE {statement.split()[2]}")
        bare.append(_seconds(lambda: [execute(*insert) for insert in inserts]))
    _drop()
    return {"engine": engine, "bare": bare, "postings": POSTINGS}


def lots_to_end(count: str) -> dict[str, Any]:
    """Post so many lots of as many members, which end sooner than any other; return the instant of it."""
    many, at = int(count), clock.now()
    members = [new_id() for _ in range(many)]
    for first in range(0, many, POSTINGS):
        wishes = postings(members[first : first + POSTINGS])
        post([structs.replace(wish, expires_at=at + timedelta(hours=1)) for wish in wishes], at=at)
    _drain()
    return {"at": at.isoformat()}


def expiry(posted_at: str) -> dict[str, Any]:
    """Measure the expiry of the lots that `lots_to_end` posted beside one bare statement that does it to copies."""
    at = datetime.fromisoformat(posted_at)
    as_of = {"at": at, "as_of": at + timedelta(hours=2)}
    for table in (*_CHANGED, *_EXPIRED):
        _copy_of(table)
    for table in _CHANGED:
        names = ", ".join(name for name, _ in rows(_COLUMNS, [table]))
        execute(f"INSERT INTO bench_{table} ({names}) SELECT {names} FROM {table}")
        execute(f"ANALYZE bench_{table}")
        execute(f"ANALYZE {table}")
    bare = _seconds(lambda: execute(_EXPIRE, as_of))
    ended = rows("SELECT count(*), sum(points)::bigint FROM bench_points_transaction")[0]
    engine = _seconds_alone(partial(expire_all, **as_of))
    assert ended == rows("SELECT count(*), sum(points)::bigint FROM points_transaction WHERE posted_at = %s"
                         " AND kind = 'expired'", [at])[0], "both end the same points"  # fmt: skip
    for table in (*_CHANGED, *_EXPIRED):
        execute(f"DROP TABLE bench_{table}")
    return {"engine": engine, "bare": bare, "lots": ended[0]}


_CHANGED = ("account", "lot")
_EXPIRED = ("points_transaction", "entry", "allocation", "told_message", "outbox")
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
), told AS (
    INSERT INTO bench_told_message (message_id, name, version, destinations, correlation_id, causation_id, payload,
        occurred_at)
    SELECT id, 'points_expired', 1, '["warehouse"]', '', '', jsonb_build_object('transaction_id', id,
        'programme_id', programme_id, 'member_id', member_id, 'points', points, 'change', -points, 'balance', available,
        'reference', 'lot:' || lot_id, 'occurred_at', %(at)s, 'posted_at', %(at)s), %(at)s FROM ended
)
INSERT INTO bench_outbox (message_id, destination, next_attempt_at) SELECT id, 'warehouse', %(at)s FROM ended
"""


def outbox() -> dict[str, Any]:
    """Measure single earnings with their message and without it, in turns."""
    from points.ledger.operations import engine

    members = [new_id() for _ in range(50)]
    tell, taken = engine.tell, {"without": list[float](), "with": list[float]()}
    for turn in range(2 * ROUNDS + 2):
        name = "with" if turn % 2 else "without"
        engine.tell = tell if name == "with" else lambda *_, **__: []
        seconds = _seconds_alone(partial(_one_by_one, postings(members * (PAIRS // 50)))) / PAIRS
        if turn >= 2:
            taken[name].append(seconds)
    return taken


def steady(rate: str, seconds: str) -> dict[str, Any]:
    """Post single earnings at a steady rate; return the time of each commit."""
    members = [new_id() for _ in range(50)]
    wishes = iter(postings(members * (int(rate) * int(seconds) // 50)))
    lock, begun, commits = threading.Lock(), time.time(), list[float]()

    def work() -> None:
        while True:
            with lock:
                wish, number = next(wishes, None), len(commits)
                commits.append(0.0)
            if wish is None:
                return
            time.sleep(max(0.0, begun + number / int(rate) - time.time()))
            post([wish], at=clock.now())
            commits[number] = time.time()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"commits": [at for at in commits if at]}


def tell_many(count: str) -> dict[str, Any]:
    """Post so many earnings at once and return when they were committed: all their messages wait then.

    Of members who earned before, as nearly all do: a member whom the consumer never heard of costs it a row more.
    """
    members = [new_id() for _ in range(int(count))]
    for _ in range(2):
        _drain()
        began_at = time.time()
        with transaction.atomic():
            post(postings(members), at=clock.now())
        told_at = time.time()
    return {"began_at": began_at, "told_at": told_at}


def drain() -> dict[str, Any]:
    """Wait for what an earlier run that was ended left to be sent."""
    _drain()
    return {}


def codes(campaign_id: str) -> dict[str, Any]:
    """Measure COPY of a campaign's codes into an empty copy of their table."""
    _copy_of("voucher")
    names = ", ".join(name for name, _ in rows(_COLUMNS, ["voucher"]))
    data = io.StringIO()
    with connection.cursor() as cursor:
        of_campaign = cursor.mogrify("campaign_id = %s", [campaign_id]).decode()
        cursor.copy_expert(f"COPY (SELECT {names} FROM voucher WHERE {of_campaign}) TO STDOUT", data)
    taken = []
    for _ in range(ROUNDS):
        data.seek(0)
        execute("TRUNCATE bench_voucher")
        taken.append(_seconds(lambda: _copy_in(names, data)))
    _drop()
    return {"copy": taken}


def pgledger(*files: str) -> dict[str, Any]:
    """Measure postings beside transfers of pgledger, which is loaded into a schema of its own, by so many clients."""
    execute("DROP SCHEMA IF EXISTS bench_pgledger CASCADE")
    execute("CREATE SCHEMA bench_pgledger")
    _search("bench_pgledger")
    with connection.cursor() as cursor:
        for file in files:
            cursor.execute(Path(file).read_text())
    accounts = [rows("SELECT id FROM pgledger_create_account(%s, 'EUR')", [str(n)])[0][0] for n in range(2 * PAIRS)]
    found = {}
    for clients in CLIENTS:
        theirs, ours = [], []
        for _ in range(ROUNDS):
            theirs.append(_rate(clients, partial(_transfers, accounts)))
            ours.append(_rate(clients, partial(_earn_for, [new_id() for _ in range(PAIRS)])))
        found[str(clients)] = {"engine": ours, "bare": theirs}
    execute("DROP SCHEMA bench_pgledger CASCADE")
    return found


def hot() -> dict[str, Any]:
    """Measure earnings by four clients, all for one member, beside the same for as many members."""
    hot, spread = [], []
    for _ in range(ROUNDS):
        hot.append(_rate(4, partial(_earn_for, [new_id()] * PAIRS)))
        spread.append(_rate(4, partial(_earn_for, [new_id() for _ in range(PAIRS)])))
    return {"hot": hot, "spread": spread}


def _rate(clients: int, run: Callable[[int, int], Any]) -> float:
    """Return how many pieces of work a second so many processes do, each on a connection of its own that is warm."""
    connection.close()
    fork = multiprocessing.get_context("fork")
    warm, done = fork.Barrier(clients + 1), fork.Barrier(clients + 1)

    def work(first: int) -> None:
        run(first, first + WARM_UP)
        warm.wait(60)
        run(first, first + PAIRS // clients)
        done.wait(120)

    processes = [fork.Process(target=work, args=(client * (PAIRS // clients),)) for client in range(clients)]
    for process in processes:
        process.start()
    warm.wait(60)
    begun = time.monotonic()
    done.wait(120)
    took = time.monotonic() - begun
    for process in processes:
        process.join()
        assert process.exitcode == 0
    return PAIRS // clients * clients / took


def _transfers(accounts: list[str], first: int, last: int) -> None:
    _search("bench_pgledger")
    for giver, taker in zip(accounts[2 * first : 2 * last : 2], accounts[2 * first + 1 : 2 * last : 2], strict=True):
        rows("SELECT id FROM pgledger_create_transfer(%s, %s, 1)", [giver, taker])


def _earn_for(members: list[Any], first: int, last: int) -> None:
    _one_by_one(postings(members[first:last]))


def _one_by_one(wishes: list[Posting]) -> None:
    for wish in wishes:
        post([wish], at=clock.now())


def _search(schema: str) -> None:
    execute(f"SET search_path = {schema}")


def _seconds_alone(work: Callable[[], Any]) -> float:
    """Measure work whose every piece commits by itself."""
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def _copy_in(names: str, data: io.StringIO) -> None:
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY bench_voucher ({names}) FROM STDIN", data)


def _bare_inserts(members: list[Any]) -> list[tuple[str, list[Any]]]:
    """Post once and return, for each table, the insert of the rows that it wrote, into an empty copy."""
    with transaction.atomic():
        ids = [str(fact.id) for fact in post(postings(members), at=clock.now())]
        written = {table: _as_arrays(table, where, ids) for table, where in WRITTEN.items()}
    for table in WRITTEN:
        _copy_of(table)
    return list(written.values())


def _as_arrays(table: str, where: str, ids: list[str]) -> tuple[str, list[Any]]:
    columns = rows(_COLUMNS, [table])
    arrays = ", ".join(f"array_agg({name})::text" for name, _ in columns)
    [values] = rows(f"SELECT {arrays} FROM {table} WHERE {where}", [ids])
    names = ", ".join(name for name, _ in columns)
    unnested = ", ".join(f"%s::{kind}[]" for _, kind in columns)
    into = f"INSERT INTO bench_{table} ({names}) OVERRIDING SYSTEM VALUE"
    return f"{into} SELECT * FROM unnest({unnested})", list(values)


def _copy_of(table: str) -> None:
    execute(f"DROP TABLE IF EXISTS bench_{table}")
    execute(f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL)")


def _drop() -> None:
    for table in (*WRITTEN, "voucher"):
        execute(f"DROP TABLE IF EXISTS bench_{table}")


def _seconds(work: Callable[[], Any]) -> float:
    begun = time.monotonic()
    with transaction.atomic():
        work()
    return time.monotonic() - begun


def _drain() -> None:
    """Wait until the messages of the round before are gone, so that they do not slow the next one."""
    until = time.monotonic() + 120
    while rows("SELECT 1 FROM outbox WHERE parked_at IS NULL LIMIT 1"):
        if time.monotonic() > until:
            raise TimeoutError("messages of the round before still wait after 120 s")
        time.sleep(0.2)


WORK: dict[str, Callable[..., dict[str, Any]]] = {
    "batch": batch,
    "codes": codes,
    "pgledger": pgledger,
    "hot": hot,
    "outbox": outbox,
    "lots_to_end": lots_to_end,
    "expiry": expiry,
}
WORK.update(steady=steady, tell=tell_many, drain=drain)

if __name__ == "__main__":
    collect_rarely()  # as every process of the service does
    print(json.dumps(WORK[sys.argv[1]](*sys.argv[2:])))
