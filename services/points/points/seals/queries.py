"""Reads of seals, and of what is sealed."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from points.ledger.rules.values import BUCKETS
from points.seals.models import Block, SealKey
from points.seals.rules.documents import AllocationRow, EntryRow, ExtensionRow, Header, LotRow, Row, document
from shared.db import array, named, rows

HASH_BYTES = 32


class Reach(NamedTuple):
    """How far blocks go: all transactions up to this one, in the order of `(xid, id)`."""

    xid: int
    id: UUID


NOTHING = Reach(-1, UUID(int=0))

# Nothing can appear below the oldest database transaction that still runs, so what is below it is complete. Its number
# and what is visible come from one snapshot, because they are of one statement.
_COMMITTED = """
SELECT t.id, t.xid::text::bigint FROM points_transaction t
WHERE (t.xid, t.id) > (%(xid)s::text::xid8, %(id)s::uuid) AND t.xid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY t.xid, t.id LIMIT %(limit)s
"""
_COMMITTED_FIRST = _COMMITTED.replace("(t.xid, t.id) > (%(xid)s::text::xid8, %(id)s::uuid) AND ", "")
_BETWEEN = """
SELECT id FROM points_transaction WHERE (xid, id) <= (%(until_xid)s::text::xid8, %(until_id)s::uuid)
    AND (%(xid)s < 0 OR (xid, id) > (greatest(%(xid)s, 0)::text::xid8, %(id)s::uuid)) ORDER BY xid, id LIMIT %(limit)s
"""
_NEXT_XID = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


def committed_after(reach: Reach, *, limit: int) -> list[Reach]:
    """Return the transactions after those that are sealed and below which none can appear any more."""
    sql = _COMMITTED if reach.xid >= 0 else _COMMITTED_FIRST
    return [Reach(xid, name) for name, xid in rows(sql, {"xid": reach.xid, "id": reach.id, "limit": limit})]


def ids_between(after: Reach, until: Reach, *, limit: int) -> list[UUID]:
    """Return the transactions that are there now, where a block says which were."""
    parameters = {"xid": after.xid, "id": after.id, "until_xid": until.xid, "until_id": until.id, "limit": limit}
    return [row[0] for row in rows(_BETWEEN, parameters)]


def oldest_running_xid() -> int:
    """Return the number below which every database transaction has ended."""
    found: int = rows(_NEXT_XID)[0][0]
    return found


_ROWS = f"""
SELECT t.id, t.account_id, a.programme_id, a.member_id, t.version, t.kind, t.points, t.change, t.balance_after,
    t.reference, t.reason, t.source_key, t.reverses_id, t.actor_id, t.occurred_at, t.posted_at
FROM {named("points_transaction")} t
CROSS JOIN LATERAL (SELECT * FROM account a WHERE a.id = t.account_id OFFSET 0) a
"""
_ENTRIES = f"""
SELECT t.id, e.version, e.bucket, e.points, e.balance_after FROM {named("points_transaction")} t CROSS JOIN LATERAL (
    SELECT * FROM entry e WHERE e.account_id = t.account_id AND e.version > t.version - {len(BUCKETS)}
        AND e.version <= t.version AND e.transaction_id = t.id OFFSET 0) e
ORDER BY t.id, e.version
"""
# The end that a lot came with, before any activity moved it.
_END = """coalesce(
    (SELECT previous_expires_at FROM lot_extension x WHERE x.lot_id = lot.id ORDER BY version LIMIT 1), expires_at)"""
# A transaction has opened the lot of its own id that names no other, and those that name it.
_LOTS = f"""
SELECT id, id AS lot_id, points, active_from, {_END} FROM {named("lot")} lot WHERE opened_by_id IS NULL
UNION ALL
SELECT opened_by_id, id, points, active_from, {_END} FROM {named("lot", "opened_by_id")} lot
ORDER BY 1, lot_id
"""
_ALLOCATIONS = f"""
SELECT transaction_id, lot_id, points FROM {named("allocation", "transaction_id")} x ORDER BY transaction_id, lot_id
"""


_EXTENSIONS = f"""
SELECT transaction_id, lot_id, previous_expires_at, expires_at, expires_on
FROM {named("lot_extension", "transaction_id")} x ORDER BY transaction_id, lot_id
"""
_PARTS = (
    (_ENTRIES, EntryRow),
    (_LOTS, LotRow),
    (_ALLOCATIONS, AllocationRow),
    (_EXTENSIONS, ExtensionRow),
)


def documents(transaction_ids: Sequence[UUID]) -> dict[UUID, bytes]:
    """Return what is to be sealed of these transactions, in five statements for any number."""
    parameters = {"ids": array(transaction_ids)}
    parts: list[dict[UUID, list[Any]]] = []
    for sql, shape in _PARTS:
        found: dict[UUID, list[Any]] = defaultdict(list)
        for transaction_id, *values in rows(sql, parameters):
            found[transaction_id].append(shape(*values))
        parts.append(found)
    return {row[0]: document(Row(*row), *(found[row[0]] for found in parts)) for row in rows(_ROWS, parameters)}


def last_block() -> Block | None:
    """Return the newest block without its leaves."""
    return Block.objects.defer("leaves", "transaction_ids").order_by("-no").first()


def header_of(block: Block) -> Header:
    """Return what was signed of a block."""
    return Header(
        no=block.no,
        previous=bytes(block.previous),
        root=bytes(block.root),
        size=block.size,
        last_xid=block.last_xid,
        last_id=block.last_id,
        sealed_at=block.sealed_at,
        kid=block.kid,
    )


def reach_of(block: Block | None) -> Reach:
    """Return how far the blocks up to this one go."""
    return Reach(block.last_xid, block.last_id) if block else NOTHING


def leaves_of(block: Block) -> list[bytes]:
    """Return the hashes of a block's transactions, in its order."""
    side_by_side = bytes(block.leaves)
    return [side_by_side[at : at + HASH_BYTES] for at in range(0, len(side_by_side), HASH_BYTES)]


_BLOCK_OF = """
SELECT no FROM seal_block WHERE (last_xid, last_id) >=
    (SELECT xid::text::bigint, id FROM points_transaction WHERE id = %s) ORDER BY last_xid, last_id LIMIT 1
"""


def block_of(transaction_id: UUID) -> Block | None:
    """Return the block that a transaction is in; None where it is in none yet."""
    found = rows(_BLOCK_OF, [transaction_id])
    return Block.objects.get(no=found[0][0]) if found else None


def public_keys() -> dict[str, dict[str, Any]]:
    """Return the keys that have signed blocks, by their names, the oldest first."""
    return dict(SealKey.objects.order_by("created_at", "kid").values_list("kid", "public_jwk"))
