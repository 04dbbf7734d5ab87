"""Single postings by several processes: for one member or many, and beside transfers of pgledger."""

import multiprocessing
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from django.db import connection

from bench.inside.common import PAIRS, ROUNDS, one_by_one, postings
from bench.inside.statements import earn_by_sql
from points.ledger.operations import post
from shared import clock
from shared.db import execute, rows
from shared.ids import new_id

CLIENTS, WARM_UP = (1, 4, 16), 10


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
        theirs, ours, sql = [], [], []
        for _ in range(ROUNDS):
            theirs.append(_rate(clients, partial(_transfers, accounts)))
            members = [new_id() for _ in range(PAIRS)]
            post(postings(members), at=clock.now())
            sql.append(_rate(clients, partial(earn_by_sql, members)))
            ours.append(_rate(clients, partial(_earn_for, members)))
        found[str(clients)] = {"engine": ours, "sql": sql, "bare": theirs}
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
    one_by_one(postings(members[first:last]))


def _search(schema: str) -> None:
    execute(f"SET search_path = {schema}")
