"""Writing what was decided: every row of any number of postings in one statement."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from points.ledger.rules.values import BUCKETS, Account, Decided, Kind, Movement, Posted, Posting
from shared.db import Prepared, Row, array, repeated, text_array, unnested

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
_INSERTED = {"t": "points_transaction", "e": "entry", "l": "lot", "a": "allocation"}
_CHANGED = {
    "u": "lot SET remaining = lot.remaining - u.points",
    "b": f"account SET version = b.version, {', '.join(f'{name} = b.{name}' for name in BUCKETS)}",
}
# These may be any texts.
_FREE_TEXTS = ("t10", "t11", "t12")
# Columns of more postings than this are looked at for values that are all the same.
_FEW = 4
# A single posting, by a function that makes rows that fit: what they must be by themselves and beside each other is not
# looked at again by triggers (ADR 25).
_POST = Prepared(
    "ledger_post",
    """
SELECT ledger_post(%(at)s::timestamptz, %(account)s::bigint, %(version)s::bigint, %(id)s::uuid, %(kind)s::text,
    %(reverses)s::uuid, %(actor)s::uuid, %(occurred_at)s::timestamptz, %(reference)s::text, %(reason)s::text,
    %(source_key)s::text, %(buckets)s::text[], %(changes)s::bigint[], %(opened)s::uuid[], %(opened_points)s::bigint[],
    %(opened_numbers)s::bigint[], %(opened_ends)s::timestamptz[], %(opened_days)s::date[], %(taken)s::uuid[],
    %(taken_points)s::bigint[])
""",
)
# Those that are written before their account is seen (ADR 29).
_UNSEEN = {
    Kind.EARNED: Prepared(
        "ledger_give_unseen",
        """
SELECT ledger_give_unseen(%(at)s::timestamptz, %(programme)s::uuid, %(member)s::uuid, %(id)s::uuid, %(points)s::bigint,
    %(actor)s::uuid, %(occurred_at)s::timestamptz, %(reference)s::text, %(reason)s::text, %(source_key)s::text,
    %(expires_at)s::timestamptz, %(expires_on)s::date)
""",
    ),
    Kind.REDEEMED: Prepared(
        "ledger_take_unseen",
        """
SELECT ledger_take_unseen(%(at)s::timestamptz, %(programme)s::uuid, %(member)s::uuid, %(id)s::uuid, %(points)s::bigint,
    %(actor)s::uuid, %(occurred_at)s::timestamptz, %(reference)s::text, %(reason)s::text, %(source_key)s::text)
""",
    ),
}
Tables = Mapping[str, Sequence[Row]]


def write(decided: Sequence[Decided], facts: Sequence[Posted], accounts: Sequence[Account], *, at: datetime) -> None:
    """Write the transactions, entries, lots and allocations of postings, and their accounts as they are now."""
    if len(decided) == 1:
        _write_one(decided[0], facts[0], at)
        return
    tables = {
        "e": [row for one, fact in zip(decided, facts, strict=True) for row in _entries(one, fact)],
        **_lots(decided, at),
        "b": [(account.id, account.version, *account.buckets.values()) for account in accounts],
        "t": [_transaction(one, fact) for one, fact in zip(decided, facts, strict=True)],
    }
    # Those of no row are left out: each would be planned in, and its triggers fired, all the same.
    filled = {letter: records for letter, records in tables.items() if records}
    if len(decided) > _FEW:
        _long_statement(tuple(filled)).later({"at": at, **_in_arrays(filled, repeated)})
    else:
        _statement(tuple(filled)).later({"at": at, **_in_arrays(filled)})


def _write_one(one: Decided, fact: Posted, at: datetime) -> None:
    posting, movement = one.posting, one.movement
    taken = _changed_lots(movement)
    _POST.later(
        {
            "at": at,
            "account": one.after.id,
            "version": one.before.version,
            "id": posting.id,
            "kind": posting.kind,
            "reverses": posting.reverses.transaction_id if posting.reverses else None,
            "actor": posting.actor_id,
            "occurred_at": fact.occurred_at,
            "reference": posting.reference,
            "reason": posting.reason,
            "source_key": posting.source_key,
            "buckets": array([bucket for bucket, _ in movement.changes]),
            "changes": array([points for _, points in movement.changes]),
            "opened": array([lot.id for lot in movement.opens]),
            "opened_points": array([lot.remaining for lot in movement.opens]),
            "opened_numbers": array([lot.number for lot in movement.opens]),
            "opened_ends": array([lot.expires_at for lot in movement.opens]),
            "opened_days": array([lot.expires_on for lot in movement.opens]),
            "taken": array([lot_id for lot_id, _ in taken]),
            "taken_points": array([points for _, points in taken]),
        }
    )


def write_unseen(posting: Posting, *, at: datetime) -> None:
    """Write a posting that `rules.unseen` decided; what the account comes to fills the blanks of the texts after it.

    What is sent next, or the commit, says that the guess is wrong (shared.postgres.blanks) where the account has not
    enough or no room, owes points that a gift would pay, was merged, has something due or is not there, and where the
    source key is known.
    """
    wish = {
        "at": at,
        "programme": posting.programme_id,
        "member": posting.member_id,
        "id": posting.id,
        "points": posting.points,
        "actor": posting.actor_id,
        "occurred_at": posting.occurred_at or at,
        "reference": posting.reference,
        "reason": posting.reason,
        "source_key": posting.source_key,
    }
    if posting.kind == Kind.EARNED:
        wish |= {"expires_at": posting.expires_at, "expires_on": posting.expires_on}
    _UNSEEN[posting.kind].later(wish)


def _changed_lots(movement: Movement) -> list[tuple[UUID, int]]:
    """Return the lots that a movement takes points from, and those that it gives some back to: with negative points."""
    takes = [(take.lot_id, take.points) for take in movement.takes]
    return takes + [(lot.id, -lot.remaining) for lot in movement.gives]


@cache
def _statement(letters: tuple[str, ...]) -> Prepared:
    """Return the statement that writes any number of rows of these tables, an array for each column."""
    sources = {
        letter: f"unnest({', '.join(f'%({letter}{n})s::{kind}[]' for n, kind in enumerate(_COLUMNS[letter].values()))})"
        for letter in letters
    }
    return Prepared(f"ledger_write_{''.join(letters)}", _writing(sources))


@cache
def _long_statement(letters: tuple[str, ...]) -> Prepared:
    """Return that of many rows, where a column that says the same in each has it once."""
    sources = {
        letter: unnested({f"{letter}{n}": kind for n, kind in enumerate(_COLUMNS[letter].values())})
        for letter in letters
    }
    return Prepared(f"ledger_write_long_{''.join(letters)}", _writing(sources))


def _writing(sources: Mapping[str, str]) -> str:
    """Return the one statement of all tables; its parts see them as they were before it, so their order is free."""
    parts = [f"{letter} AS ({_part(letter, source)})" for letter, source in sources.items() if letter != "b"]
    return f"WITH {', '.join(parts)} {_part('b', sources['b'])}"


def _part(letter: str, source: str) -> str:
    columns = ", ".join(_COLUMNS[letter])
    if letter == "t":
        columns, source = f"{columns}, posted_at", f"{source} AS t CROSS JOIN (VALUES (%(at)s::timestamptz))"
    if letter in _INSERTED:
        return f"INSERT INTO {_INSERTED[letter]} ({columns}) SELECT * FROM {source} AS {letter}_"
    table = _CHANGED[letter].split()[0]
    return f"UPDATE {_CHANGED[letter]} FROM {source} AS {letter} ({columns}) WHERE {table}.id = {letter}.id"


def _in_arrays(tables: Tables, of: Callable[[Sequence[Any]], Sequence[Any]] = tuple) -> dict[str, str]:
    found = {}
    for letter, records in tables.items():
        for place, column in enumerate(zip(*records, strict=True)):
            name = f"{letter}{place}"
            found[name] = text_array(of(column)) if name in _FREE_TEXTS else array(of(column))
    return found


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
        for lot_id, points in _changed_lots(one.movement):
            allocations.append((one.posting.id, lot_id, points))
            eaten[lot_id] = eaten.get(lot_id, 0) + points
    rows: list[Row] = []
    for lot, one in opened:
        remaining = lot.remaining - eaten.pop(lot.id, 0)
        active_from, opened_by = one.posting.occurred_at or at, None if lot.id == one.posting.id else one.posting.id
        fixed = (lot.id, one.after.id, lot.number, lot.remaining)
        rows.append((*fixed, remaining, active_from, lot.expires_at, opened_by, lot.expires_on))
    return {"l": rows, "u": list(eaten.items()), "a": allocations}
