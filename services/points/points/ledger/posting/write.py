"""Writing what was decided: every row of one posting or of thousands by one function, `ledger_post` (ADR 45)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from points.ledger.rules.values import BUCKETS, Decided, Movement, Posted, Posting
from shared.db import Prepared, array, columns, repeated, text_array

# Entries, lots that open and points taken name their posting by its place in the list, and an entry its bucket by its
# place in `BUCKETS`, both from 1.
_COLUMNS = {
    "ids": "uuid[]", "accounts": "bigint[]", "kinds": "text[]", "balances": "bigint[]", "reverses": "uuid[]",
    "actors": "uuid[]", "occurred": "timestamptz[]", "references": "text[]", "reasons": "text[]",
    "source_keys": "text[]",
    "entry_of": "integer[]", "versions": "bigint[]", "buckets": "integer[]", "changes": "bigint[]",
    "balances_after": "bigint[]",
    "opened_of": "integer[]", "opened": "uuid[]", "opened_points": "bigint[]", "opened_numbers": "bigint[]",
    "opened_ends": "timestamptz[]", "opened_days": "date[]",
    "taken_of": "integer[]", "taken": "uuid[]", "taken_points": "bigint[]",
}  # fmt: skip
_POST = Prepared(
    "ledger_post",
    f"SELECT ledger_post(%(at)s::timestamptz, {', '.join(f'%({name})s::{kind}' for name, kind in _COLUMNS.items())})",
)
_PLACES = {bucket: place for place, bucket in enumerate(BUCKETS, start=1)}
Columns = Mapping[str, str]


def write(decided: Sequence[Decided], facts: Sequence[Posted], *, at: datetime) -> None:
    """Write the transactions, entries, lots and allocations of postings, and move their accounts."""
    _POST.later(
        {"at": at, **_postings(decided, facts), **_entries(decided, facts), **_opened(decided), **_taken(decided)}
    )


def _changed_lots(movement: Movement) -> list[tuple[UUID, int]]:
    """Return the lots that a movement takes points from, and those that it gives some back to: with negative points."""
    takes = [(take.lot_id, take.points) for take in movement.takes]
    return takes + [(lot.id, -lot.remaining) for lot in movement.gives]


def _postings(decided: Sequence[Decided], facts: Sequence[Posted]) -> Columns:
    postings = [one.posting for one in decided]
    return {
        "ids": array([posting.id for posting in postings]),
        "accounts": array([one.after.id for one in decided]),
        "kinds": array(repeated([posting.kind for posting in postings])),
        "balances": array([fact.balance_after for fact in facts]),
        "reverses": array(repeated([_reversed_by(posting) for posting in postings])),
        "actors": array(repeated([posting.actor_id for posting in postings])),
        "occurred": array(repeated([fact.occurred_at for fact in facts])),
        # These may be any texts.
        "references": text_array(repeated([posting.reference for posting in postings])),
        "reasons": text_array(repeated([posting.reason for posting in postings])),
        "source_keys": text_array(repeated([posting.source_key for posting in postings])),
    }


def _reversed_by(posting: Posting) -> UUID | None:
    return posting.reverses.transaction_id if posting.reverses else None


def _entries(decided: Sequence[Decided], facts: Sequence[Posted]) -> Columns:
    """Return the columns of entries: one for each bucket that a posting changes, numbered on from its account."""
    rows = [
        (place, one.before.version + number, _PLACES[bucket], points, balance)
        for place, (one, fact) in enumerate(zip(decided, facts, strict=True), start=1)
        for number, (bucket, points, balance) in enumerate(fact.entries, start=1)
    ]
    names = ("entry_of", "versions", "buckets", "changes", "balances_after")
    return dict(zip(names, map(array, columns(rows, 5)), strict=True))


def _opened(decided: Sequence[Decided]) -> Columns:
    rows = [
        (place, lot.id, lot.remaining, lot.number, lot.expires_at, lot.expires_on)
        for place, one in enumerate(decided, start=1)
        for lot in one.movement.opens
    ]
    places, lots, *others = columns(rows, 6)
    names = ("opened_points", "opened_numbers", "opened_ends", "opened_days")
    said = {name: array(repeated(column)) for name, column in zip(names, others, strict=True)}
    return {"opened_of": array(places), "opened": array(lots), **said}


def _taken(decided: Sequence[Decided]) -> Columns:
    rows = [
        (place, lot_id, points)
        for place, one in enumerate(decided, start=1)
        for lot_id, points in _changed_lots(one.movement)
    ]
    return dict(zip(("taken_of", "taken", "taken_points"), map(array, columns(rows, 3)), strict=True))
