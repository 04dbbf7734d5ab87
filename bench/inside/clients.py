"""Single postings by several processes: for one member or many, and beside transfers of pgledger."""

import multiprocessing
import subprocess
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import Any

from django.db import connection

from bench.inside.common import PAIRS, ROUNDS, one_by_one, postings, wait_until_sent
from bench.inside.statements import earning, member
from points.ledger.operations import post
from shared import clock
from shared.db import execute, rows
from shared.ids import new_id
from tools.stack import binaries

CLIENTS, WARM_UP = (1, 4, 16), 10
SECONDS = 4
_TRANSFER = f"""
\\set one random(1, {PAIRS})
SELECT id FROM pgledger_create_transfer('giver ' || :one, 'taker ' || :one, 1);
"""


def pgledger(*files: str) -> dict[str, Any]:
    """Measure the SQL of earnings beside transfers of pgledger by so many clients of pgbench, and with the engine's
    Python by as many processes; pgledger is loaded into a schema of its own."""
    _load(files)
    members = [rows(f"SELECT {member('%s')}", [number])[0][0] for number in range(1, PAIRS + 1)]
    post(postings(members), at=clock.now())
    found = {}
    for clients in CLIENTS:
        theirs, ours, whole = [], [], []
        for _ in range(ROUNDS):
            theirs.append(_pgbench(_TRANSFER, clients, "bench_pgledger"))
            ours.append(_pgbench(earning(members=PAIRS), clients))
            whole.append(_rate(clients, partial(_earn_for, members)))
        found[str(clients)] = {"engine": whole, "sql": ours, "bare": theirs}
    execute("DROP SCHEMA bench_pgledger CASCADE")
    return found


def _load(files: Sequence[str]) -> None:
    execute("DROP SCHEMA IF EXISTS bench_pgledger CASCADE; CREATE SCHEMA bench_pgledger")
    execute("SET search_path = bench_pgledger")
    with connection.cursor() as cursor:
        for file in files:
            cursor.execute(Path(file).read_text())
    for who in ("giver", "taker"):
        execute(f"SELECT pgledger_create_account('{who} ' || n, 'EUR') FROM generate_series(1, {PAIRS}) n")
    execute("UPDATE pgledger_accounts SET id = name")
    execute("RESET search_path")


def _pgbench(script: str, clients: int, schema: str = "public") -> float:
    """Return how many transactions a second so many clients of pgbench do."""
    database = connection.settings_dict
    where = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    env = {name: str(database[setting]) for name, setting in where.items()}
    options = {**env, "PGOPTIONS": f"{database['OPTIONS']['options']} -c search_path={schema}"}
    program = binaries.find("postgres").with_name("pgbench")
    defined = "--define=is_ready=0", f"--define=run={token_hex(4)}"
    command = [program, "--no-vacuum", f"--client={clients}", f"--time={SECONDS}", *defined, "--file=-"]
    done = subprocess.run(command, input=script, env=options, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return float(done.stdout.rpartition("tps = ")[2].split()[0])


def hot() -> dict[str, Any]:
    """Measure earnings by four clients, all for one member, beside the same for as many members; all have points."""
    members = [new_id() for _ in range(PAIRS)]
    post(postings(members), at=clock.now())
    hot, spread = [], []
    for _ in range(ROUNDS):
        for found, whose in ((hot, members[:1] * PAIRS), (spread, members)):
            wait_until_sent()
            found.append(_rate(4, partial(_earn_for, whose)))
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


def _earn_for(members: list[Any], first: int, last: int) -> None:
    one_by_one(postings(members[first:last]))
