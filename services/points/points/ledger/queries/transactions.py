"""Transactions with their entries and lots."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

from points.ledger.rules.values import BUCKETS, Change, Posted, Take
from shared.db import Prepared, array, named, rows, text_array

_SUMMARY = (
    "t.id, t.kind, a.programme_id, a.member_id, t.points, t.change, t.balance_after, t.reference, t.reason,"
    " t.occurred_at, t.posted_at"
)
FIELDS = [name.split(".")[1] for name in _SUMMARY.replace(" ", "").split(",")]
# Each key is looked up by itself: a join, planned while there were few transactions, looks for each in the list.
_BY_SOURCE_KEY = Prepared(
    "ledger_known",
    f"SELECT t.source_key, {_SUMMARY} FROM unnest(%(keys)s::text[]) AS k (source_key) CROSS JOIN LATERAL"
    " (SELECT * FROM points_transaction t WHERE t.source_key = k.source_key OFFSET 0) t"
    " CROSS JOIN LATERAL (SELECT * FROM account a WHERE a.id = t.account_id OFFSET 0) a",
)


def by_source_key(keys: Collection[str]) -> dict[str, Posted]:
    """Return the transactions that these causes had before, without their entries."""
    if not keys:
        return {}
    found = _BY_SOURCE_KEY.rows({"keys": text_array(keys)})
    return {row[0]: Posted(**dict(zip(FIELDS, row[1:], strict=True)), is_repeated=True) for row in found}


def transaction(transaction_id: UUID) -> Posted | None:
    """Return a transaction with its entries and lots."""
    found = with_details([transaction_id])
    return found[0] if found else None


# An account's transaction has at most one entry for each bucket, and `version` numbers its last.
_ENTRIES = f"""
SELECT t.id, e.bucket, e.points, e.balance_after FROM {named("points_transaction")} t CROSS JOIN LATERAL (
    SELECT * FROM entry e WHERE e.account_id = t.account_id AND e.version > t.version - {len(BUCKETS)}
        AND e.version <= t.version AND e.transaction_id = t.id OFFSET 0) e
ORDER BY t.id, e.version
"""
_LOTS = f"""
SELECT id, id, points, expires_at, expires_on, number FROM {named("lot")} lot WHERE opened_by_id IS NULL
UNION ALL
SELECT opened_by_id, id, points, expires_at, expires_on, number FROM {named("lot", "opened_by_id")} lot
UNION ALL
SELECT x.transaction_id, l.id, -x.points, l.expires_at, l.expires_on, l.number
FROM {named("allocation", "transaction_id")} x
CROSS JOIN LATERAL (SELECT * FROM lot l WHERE l.id = x.lot_id OFFSET 0) l
ORDER BY expires_at, number
"""
SUMMARIES = f"""
SELECT {_SUMMARY} FROM {named("points_transaction")} t
CROSS JOIN LATERAL (SELECT * FROM account a WHERE a.id = t.account_id OFFSET 0) a
"""


def with_details(transaction_ids: Sequence[UUID]) -> list[Posted]:
    """Return these transactions, in this order, with their entries and lots, in three statements for any number."""
    ids = {"ids": array(transaction_ids)}
    entries: dict[UUID, list[Change]] = defaultdict(list)
    lots: dict[UUID, list[Take]] = defaultdict(list)
    for transaction_id, *change in rows(_ENTRIES, ids):
        entries[transaction_id].append(Change(*change))
    for transaction_id, *take, _ in rows(_LOTS, ids):
        lots[transaction_id].append(Take(*take))
    summaries = rows(SUMMARIES, ids)
    found = {
        row[0]: Posted(**dict(zip(FIELDS, row, strict=True)), entries=tuple(entries[row[0]]), lots=tuple(lots[row[0]]))
        for row in summaries
    }
    return [found[transaction_id] for transaction_id in transaction_ids if transaction_id in found]
