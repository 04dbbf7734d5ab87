"""The posting engine beside bare inserts of the rows that it writes."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import transaction

from bench.inside.common import COLUMNS_OF, POSTINGS, ROUNDS, copy_of, postings, seconds_of, wait_until_sent
from points.ledger.operations import post
from shared import clock
from shared.db import execute, rows
from shared.ids import new_id

WRITTEN = {
    "points_transaction": "id = ANY(%s::uuid[])",
    "entry": "transaction_id = ANY(%s::uuid[])",
    "lot": "account_id IN (SELECT account_id FROM points_transaction WHERE id = ANY(%s::uuid[]))",
    "published_message": "(payload->>'transaction_id')::uuid = ANY(%s::uuid[])",
    "outbox": "message_id IN (SELECT message_id FROM published_message"
    " WHERE (payload->>'transaction_id')::uuid = ANY(%s::uuid[]))",
}


ACCOUNTS = {"account": "id IN (SELECT account_id FROM points_transaction WHERE id = ANY(%s::uuid[]))"}


def bare() -> dict[str, Any]:
    """Measure bare inserts of the rows that postings to so many new members write, their accounts among them."""
    inserts = _bare_inserts([new_id() for _ in range(POSTINGS)], ACCOUNTS | WRITTEN)
    found = []
    for _ in range(ROUNDS):
        wait_until_sent()
        found.append(_seconds_of_bare(inserts))
    for table in ACCOUNTS | WRITTEN:
        execute(f"DROP TABLE bench_{table}")
    return {"bare": found, "postings": POSTINGS}


def batch() -> dict[str, Any]:
    """Measure the posting engine beside bare inserts of the rows that it writes."""
    members = [new_id() for _ in range(POSTINGS)]
    inserts = _bare_inserts(members, WRITTEN)
    engine, limit = [], []
    for _ in range(ROUNDS):
        wait_until_sent()
        commands = postings(members)
        engine.append(seconds_of(partial(post, commands, at=clock.now())))
        wait_until_sent()
        limit.append(_seconds_of_bare(inserts))
    for table in WRITTEN:
        execute(f"DROP TABLE bench_{table}")
    return {"engine": engine, "bare": limit, "postings": POSTINGS}


def _seconds_of_bare(inserts: list[tuple[str, list[Any]]]) -> float:
    for statement, _ in inserts:
        execute(f"TRUNCATE {statement.split()[2]}")
    return seconds_of(lambda: [execute(*insert) for insert in inserts])


def _bare_inserts(members: list[Any], tables: Mapping[str, str]) -> list[tuple[str, list[Any]]]:
    """Post once and return, for each table, the insert of the rows that it wrote, into an empty copy."""
    with transaction.atomic():
        ids = [str(fact.id) for fact in post(postings(members), at=clock.now())]
        written = {table: _as_arrays(table, where, ids) for table, where in tables.items()}
    for table in tables:
        copy_of(table)
    return list(written.values())


def _as_arrays(table: str, where: str, ids: list[str]) -> tuple[str, list[Any]]:
    columns = rows(COLUMNS_OF, [table])
    arrays = ", ".join(f"array_agg({name})::text" for name, _ in columns)
    [values] = rows(f"SELECT {arrays} FROM {table} WHERE {where}", [ids])
    names = ", ".join(name for name, _ in columns)
    unnested = ", ".join(f"%s::{kind}[]" for _, kind in columns)
    into = f"INSERT INTO bench_{table} ({names}) OVERRIDING SYSTEM VALUE"
    return f"{into} SELECT * FROM unnest({unnested})", list(values)
