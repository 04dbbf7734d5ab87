"""Writing what was decided: every row of any number of postings in one statement."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache

from points.ledger.rules.values import BUCKETS, Account, Decided, Posted
from shared.db import Prepared, Row, array, text_array

# The columns of each table's rows, in their order.
_COLUMNS = {
    "t": {
        "id": "uuid", "account_id": "bigint", "version": "bigint", "kind": "text", "points": "bigint",
        "change": "bigint", "balance_after": "bigint", "reverses_id": "uuid", "actor_id": "uuid",
        "occurred_at": "timestamptz", "reference": "text", "reason": "text", "source_key": "text",
    },
    "e": {
        "account_id": "bigint", "version": "bigint", "transaction_id": "uuid", "bucket": "text", "points": "bigint",
        "balance_after": "bigint",
    },
    "l": {
        "id": "uuid", "account_id": "bigint", "number": "bigint", "points": "bigint", "remaining": "bigint",
        "active_from": "timestamptz", "expires_at": "timestamptz", "opened_by_id": "uuid", "expires_on": "date",
    },
    "u": {"id": "uuid", "points": "bigint"},
    "a": {"transaction_id": "uuid", "lot_id": "uuid", "points": "bigint"},
    "b": {"id": "bigint", "version": "bigint", **dict.fromkeys(BUCKETS, "bigint")},
}  # fmt: skip
_FREE_TEXTS = ("t10", "t11", "t12")
_INSERTED = {"t": "points_transaction", "e": "entry", "l": "lot", "a": "allocation"}
_CHANGED = {
    "u": "lot SET remaining = lot.remaining - u.points",
    "b": f"account SET version = b.version, {', '.join(f'{name} = b.{name}' for name in BUCKETS)}",
}
# Up to so many rows of each table of a single posting are plain values: these are planned, sent and read in half the
# time of arrays of one.
_FEW = 4
Sizes = tuple[tuple[str, int], ...]


def write(
    decided: Sequence[Decided], facts: Sequence[Posted], accounts: Sequence[Account], *, at: datetime
) -> None:
    """Write the transactions, entries, lots and allocations of postings, and their accounts as they are now."""
    tables = {
        "t": [_transaction(one, fact) for one, fact in zip(decided, facts, strict=True)],
        "e": [row for one, fact in zip(decided, facts, strict=True) for row in _entries(one, fact)],
        **_lots(decided, at),
        "b": [(account.id, account.version, *account.buckets.values()) for account in accounts],
    }
    # Those of no row are left out: each would be planned in, and its triggers fired, all the same.
    filled = {letter: records for letter, records in tables.items() if records}
    is_short = len(decided) == 1 and all(len(records) <= _FEW for records in filled.values())
    sizes = tuple((letter, len(records) if is_short else 0) for letter, records in filled.items())
    _statement(sizes).later({"at": at, **(_one_by_one(filled) if is_short else _in_arrays(filled))})


@cache
def _statement(sizes: Sizes) -> Prepared:
    """Return the statement that writes so many rows of each table; any number, in arrays, for 0.

    Its parts see the tables as they were before it, so their order is free.
    """
    *parts, last = (_part(letter, count) for letter, count in sizes)
    named = ", ".join(f"{letter} AS ({part})" for (letter, _), part in zip(sizes, parts, strict=False))
    name = "".join(f"{letter}{count or ''}" for letter, count in sizes)
    return Prepared(f"ledger_write_{name}", f"WITH {named} {last}")


def _part(letter: str, count: int) -> str:
    columns, source = ", ".join(_COLUMNS[letter]), _source(letter, count)
    if letter == "t":
        columns, source = f"{columns}, posted_at", f"{source} AS t CROSS JOIN (VALUES (%(at)s::timestamptz))"
    if letter in _INSERTED:
        return f"INSERT INTO {_INSERTED[letter]} ({columns}) SELECT * FROM {source} AS {letter}_"
    table = _CHANGED[letter].split()[0]
    return f"UPDATE {_CHANGED[letter]} FROM {source} AS {letter} ({columns}) WHERE {table}.id = {letter}.id"


def _source(letter: str, count: int) -> str:
    kinds = list(enumerate(_COLUMNS[letter].values()))
    if not count:
        return f"unnest({', '.join(f'%({letter}{place})s::{kind}[]' for place, kind in kinds)})"
    values = (", ".join(f"%({letter}{place}_{row})s::{kind}" for place, kind in kinds) for row in range(count))
    return f"(VALUES {', '.join(f'({row})' for row in values)})"


def _in_arrays(tables: Mapping[str, Sequence[Row]]) -> dict[str, str]:
    found = {}
    for letter, records in tables.items():
        for place, column in enumerate(zip(*records, strict=True)):
            name = f"{letter}{place}"
            found[name] = text_array(column) if name in _FREE_TEXTS else array(column)
    return found


def _one_by_one(tables: Mapping[str, Sequence[Row]]) -> dict[str, object]:
    return {
        f"{letter}{place}_{number}": value
        for letter, records in tables.items()
        for number, record in enumerate(records)
        for place, value in enumerate(record)
    }


def _transaction(one: Decided, fact: Posted) -> Row:
    posting, after = one.posting, one.after
    return (
        posting.id,
        after.id,
        after.version,
        posting.kind,
        fact.points,
        fact.change,
        fact.balance_after,
        posting.reverses.transaction_id if posting.reverses else None,
        posting.actor_id,
        fact.occurred_at,
        posting.reference,
        posting.reason,
        posting.source_key,
    )


def _entries(one: Decided, fact: Posted) -> list[Row]:
    """Return the rows of a posting's entries: one for each bucket it changes, numbered on from the account's last."""
    account_id, version, transaction_id = one.after.id, one.before.version, fact.id
    return [
        (account_id, version + number, transaction_id, bucket, points, balance)
        for number, (bucket, points, balance) in enumerate(fact.entries, start=1)
    ]


def _lots(decided: Sequence[Decided], at: datetime) -> dict[str, list[Row]]:
    """Return the rows of lots that open, of lots to change and of allocations; a lot may open and be eaten at once."""
    opened = [(lot, one) for one in decided for lot in one.movement.opens]
    allocations: list[Row] = []
    eaten: dict[object, int] = {}
    for one in decided:
        movement, transaction_id = one.movement, one.posting.id
        changes = [(take.lot_id, take.points) for take in movement.takes]
        changes += [(lot.id, -lot.remaining) for lot in movement.gives]
        for lot_id, points in changes:
            allocations.append((transaction_id, lot_id, points))
            eaten[lot_id] = eaten.get(lot_id, 0) + points
    rows: list[Row] = []
    for lot, one in opened:
        remaining = lot.remaining - eaten.pop(lot.id, 0)
        active_from, opened_by = one.posting.occurred_at or at, None if lot.id == one.posting.id else one.posting.id
        fixed = (lot.id, one.after.id, lot.number, lot.remaining)
        rows.append((*fixed, remaining, active_from, lot.expires_at, opened_by, lot.expires_on))
    return {"l": rows, "u": list(eaten.items()), "a": allocations}
