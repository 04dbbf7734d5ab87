"""Writing what was decided: every row of any number of postings in one statement."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from points.ledger.rules.values import BUCKETS, Account, Decided
from shared.db import Prepared, Row, array, text_array

# Parts of one statement see the tables as they were before it, so their order is free. Those of no row are left out:
# each would be planned in, and its triggers fired, all the same.
_TRANSACTIONS = """
    INSERT INTO points_transaction (id, account_id, version, kind, points, change, balance_after, reverses_id,
                                    actor_id, occurred_at, reference, reason, source_key, posted_at)
    SELECT *, %(at)s::timestamptz FROM unnest(%(t0)s::uuid[], %(t1)s::bigint[], %(t2)s::bigint[], %(t3)s::text[],
        %(t4)s::bigint[], %(t5)s::bigint[], %(t6)s::bigint[], %(t7)s::uuid[], %(t8)s::uuid[], %(t9)s::timestamptz[],
        %(t10)s::text[], %(t11)s::text[], %(t12)s::text[])
"""
_ENTRIES = """
    INSERT INTO entry (account_id, version, transaction_id, bucket, points, balance_after)
    SELECT * FROM unnest(%(e0)s::bigint[], %(e1)s::bigint[], %(e2)s::uuid[], %(e3)s::text[], %(e4)s::bigint[],
        %(e5)s::bigint[])
"""
_OPENED = """
    INSERT INTO lot (id, account_id, number, points, remaining, active_from, expires_at, opened_by_id, expires_on)
    SELECT * FROM unnest(%(l0)s::uuid[], %(l1)s::bigint[], %(l2)s::bigint[], %(l3)s::bigint[], %(l4)s::bigint[],
        %(l5)s::timestamptz[], %(l6)s::timestamptz[], %(l7)s::uuid[], %(l8)s::date[])
"""
_EATEN = """
    UPDATE lot SET remaining = remaining - u.points FROM unnest(%(u0)s::uuid[], %(u1)s::bigint[]) AS u (id, points)
    WHERE lot.id = u.id
"""
_ALLOCATIONS = """
    INSERT INTO allocation (transaction_id, lot_id, points)
    SELECT * FROM unnest(%(a0)s::uuid[], %(a1)s::uuid[], %(a2)s::bigint[])
"""
_ACCOUNTS = f"""
UPDATE account SET version = b.version, {", ".join(f"{name} = b.{name}" for name in BUCKETS)}
FROM unnest(%(b0)s::bigint[], %(b1)s::bigint[], {", ".join(f"%(b{n + 2})s::bigint[]" for n in range(len(BUCKETS)))})
    AS b (id, version, {", ".join(BUCKETS)}) WHERE account.id = b.id
"""
_PARTS = {"t": _TRANSACTIONS, "e": _ENTRIES, "l": _OPENED, "u": _EATEN, "a": _ALLOCATIONS}


@cache
def _statement(letters: str) -> Prepared:
    """Return the statement that writes the tables of these letters, and the accounts."""
    parts = ", ".join(f"{letter} AS ({_PARTS[letter]})" for letter in letters)
    return Prepared(f"ledger_write_{letters}", f"WITH {parts} {_ACCOUNTS}")


_FREE_TEXTS = ("t10", "t11", "t12")


def write(decided: Sequence[Decided], accounts: Sequence[Account], *, at: datetime) -> None:
    """Write the transactions, entries, lots and allocations of postings, and their accounts as they are now."""
    tables = {
        "t": [_transaction(one, at) for one in decided],
        "e": [row for one in decided for row in entries_of(one)],
        **_lots(decided, at),
        "b": [(account.id, account.version, *account.buckets.values()) for account in accounts],
    }
    letters = "".join(letter for letter in _PARTS if tables[letter])
    _statement(letters).later({"at": at, **_parameters(tables)})


def _parameters(tables: dict[str, list[Row]]) -> dict[str, str]:
    found = {}
    for letter, records in tables.items():
        for number, column in enumerate(zip(*records, strict=True)):
            name = f"{letter}{number}"
            found[name] = text_array(column) if name in _FREE_TEXTS else array(column)
    return found


def _transaction(one: Decided, at: datetime) -> Row:
    posting, after = one.posting, one.after
    return (
        posting.id,
        after.id,
        after.version,
        posting.kind,
        one.points,
        one.change,
        after.buckets["available"],
        posting.reverses.transaction_id if posting.reverses else None,
        posting.actor_id,
        posting.occurred_at or at,
        posting.reference,
        posting.reason,
        posting.source_key,
    )


def entries_of(one: Decided) -> list[Row]:
    """Return the rows of a posting's entries: one for each bucket it changes, numbered on from the account's last."""
    account_id, version, after = one.after.id, one.before.version, one.after.buckets
    return [
        (account_id, version + number, one.posting.id, bucket, points, after[bucket])
        for number, (bucket, points) in enumerate(one.movement.changes, start=1)
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
