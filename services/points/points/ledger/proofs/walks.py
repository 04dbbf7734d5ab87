"""Walking the ledger in steps of some thousand rows."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from points.ledger.proofs.invariants import ACCOUNTS, ALLOCATIONS, HOLDS, IMPORTS, LOT_ENDS, LOTS, OF_ACCOUNTS, TOTALS
from shared.db import Row, array, execute, rows, rows_in_order, unit_of_work, whole_tables

# So many rows are looked at in one step: entries of accounts, or rows of a table. An account is looked at as a whole.
STEP = 20_000


class Difference(NamedTuple):
    """The first row where an invariant does not hold: which invariant, whose account, and the row."""

    invariant: str
    account_id: int | None
    row: str


Progress = Callable[[str, int, int], None]


def silent(_table: str, _done: int, _total: int) -> None:
    """Take no note of progress."""


def differences(member_id: UUID | None = None, *, progress: Progress = silent) -> list[Difference]:
    """Return the first row that breaks each invariant, for one member or for all; nothing when all hold.

    `progress` is told, after each step, the table that is walked along, how many of its rows were, and how many there
    are.
    """
    found: dict[str, Difference] = {}
    for step in _of_member(member_id) if member_id else _of_all(progress):
        for difference in step:
            found.setdefault(difference.invariant, difference)
    return list(found.values())


def _of_member(member_id: UUID) -> Iterator[list[Difference]]:
    accounts = [row[0] for row in rows("SELECT id FROM account WHERE member_id = %s", [member_id])]
    values = {"accounts": array(accounts)}
    yield _broken(OF_ACCOUNTS, ACCOUNTS, values)
    for walk in _TABLES:
        yield _broken(f"part AS MATERIALIZED ({walk.of_accounts})", walk.invariants, values)


def _of_all(progress: Progress) -> Iterator[list[Difference]]:
    yield from _accounts(progress)
    for walk in _TABLES:
        yield from _table(walk, progress)
    with unit_of_work(), whole_tables():
        yield _broken("", TOTALS | IMPORTS, {})


# Accounts until all before the last have less than a step's entries together.
_NEXT_ACCOUNTS = """
SELECT id FROM (SELECT id, sum(version) OVER (ORDER BY id) - version AS before FROM (
    SELECT id, version FROM account WHERE id > %(after)s ORDER BY id LIMIT %(step)s) next) counted
WHERE before < %(step)s ORDER BY id
"""


def _accounts(progress: Progress) -> Iterator[list[Difference]]:
    done, total, after = 0, _count("account"), 0
    while found := [row[0] for row in rows(_NEXT_ACCOUNTS, {"after": after, "step": STEP})]:
        yield _broken(OF_ACCOUNTS, ACCOUNTS, {"accounts": array(found)})
        done, after = done + len(found), found[-1]
        progress("account", done, max(done, total))


class _Walk(NamedTuple):
    """Rows of a table, in steps along its key; or those of some accounts' transactions."""

    table: str
    key: str
    first: Row
    of_accounts: str
    invariants: Mapping[str, str]


_OF_TRANSACTIONS = """
SELECT x.* FROM points_transaction t CROSS JOIN LATERAL (SELECT * FROM {table} x WHERE {of} OFFSET 0) x
WHERE t.account_id = ANY(%(accounts)s::bigint[])
"""
_NOBODY = UUID(int=0)
_TABLES = (
    _Walk(
        "lot", "id", (_NOBODY,),
        _OF_TRANSACTIONS.format(table="lot", of="x.id = t.id")
        + " UNION " + _OF_TRANSACTIONS.format(table="lot", of="x.opened_by_id = t.id"),
        LOTS,
    ),
    _Walk(
        "allocation", "transaction_id, lot_id", (_NOBODY, _NOBODY),
        _OF_TRANSACTIONS.format(table="allocation", of="x.transaction_id = t.id"),
        ALLOCATIONS,
    ),
    _Walk("hold", "id", (_NOBODY,), _OF_TRANSACTIONS.format(table="hold", of="x.id = t.id"), HOLDS),
    _Walk(
        "lot_end", "lot_id", (_NOBODY,), _OF_TRANSACTIONS.format(table="lot_end", of="x.lot_id = t.id"), LOT_ENDS
    ),
)  # fmt: skip


def _table(walk: _Walk, progress: Progress) -> Iterator[list[Difference]]:
    """Walk along a table."""
    done, total, after = 0, _count(walk.table), walk.first
    names = [f"after_{place}" for place in range(len(after))]
    following = f"SELECT * FROM {walk.table} WHERE ({walk.key}) > ({', '.join(f'%({name})s' for name in names)})"
    of_step = f"{following} AND ({walk.key}) <= ({', '.join(f'%(until_{place})s' for place in range(len(after)))})"
    last = (
        f"SELECT {walk.key}, place FROM (SELECT *, row_number() OVER (ORDER BY {walk.key}) AS place"
        f" FROM ({following} ORDER BY {walk.key} LIMIT {STEP}) step) numbered ORDER BY place DESC LIMIT 1"
    )
    while True:
        values = dict(zip(names, after, strict=True))
        if not (reached := rows_in_order(last, values)):
            return
        *until, size = reached[0]
        values |= {f"until_{place}": value for place, value in enumerate(until)}
        yield _broken(f"part AS MATERIALIZED ({of_step})", walk.invariants, values)
        done, after = done + size, tuple(until)
        progress(walk.table, done, max(done, total))


def _broken(parts: str, invariants: Mapping[str, str], values: Mapping[str, Any]) -> list[Difference]:
    """Return the first row that breaks each of these invariants among what the parts are."""
    # Materialized: a plan that hopes to meet one wrong row early looks at each right one at great cost.
    checks = " UNION ALL ".join(
        f"(WITH wrong AS MATERIALIZED ({sql}) SELECT '{invariant.replace(chr(39), chr(39) * 2)}', account_id,"
        " row_to_json(wrong)::text AS found FROM wrong ORDER BY account_id, found LIMIT 1)"
        for invariant, sql in invariants.items()
    )
    with unit_of_work():
        # Parts are joined with each other by hash, and with tables by key: LATERAL … OFFSET 0 knows no other way.
        execute("SET LOCAL enable_hashjoin = on; SET LOCAL enable_nestloop = off")
        found = rows(f"{parts and f'WITH {parts}'} SELECT * FROM ({checks}) found", values)
        execute("SET LOCAL enable_hashjoin = off; SET LOCAL enable_nestloop = on")
    return [Difference(*row) for row in found]


def _count(table: str) -> int:
    ((count,),) = rows(f"SELECT count(*) FROM {table}")
    return int(count)
