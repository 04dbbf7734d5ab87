"""The proof that the ledger is what was sealed; it ends with the first row that is not."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from points.ledger.proofs import Difference, Progress, silent
from points.seals import crypto
from points.seals.models import Block
from points.seals.queries import NOTHING, Reach, documents, header_of, ids_between, leaves_of, public_keys, reach_of
from points.seals.rules import merkle
from points.seals.rules.documents import NO_BLOCK

CHAIN = "a block says what the one before it was, and is signed"
ROWS = "a transaction is what was sealed"


def chain_difference(*, progress: Progress = silent) -> Difference | None:
    """Return the first departure of the blocks from each other, or of the ledger from the blocks."""
    return next(_differences(progress), None)


def head() -> tuple[int, str] | None:
    """Return the number and the hash of the newest block: whoever noted it sees a chain that was made anew."""
    last = Block.objects.order_by("-no").defer("leaves", "transaction_ids").first()
    return (last.no, header_of(last).hash.hex()) if last else None


def _differences(progress: Progress) -> Iterator[Difference]:
    keys, previous, reach = public_keys(), NO_BLOCK, NOTHING
    last = head()
    for number, block in enumerate(_chain(), start=1):
        if wrong := _wrong_header(block, number, previous, keys):
            yield Difference(CHAIN, None, f"block {number}: {wrong}")
        yield from _wrong_rows(block, reach)
        previous, reach = header_of(block).hash, reach_of(block)
        progress("seal_block", number, max(number, last[0] if last else 0))


def _chain() -> Iterator[Block]:
    """Yield all blocks in their order; some at a time, because each has the names and hashes of its transactions."""
    after = 0
    while found := list(Block.objects.filter(no__gt=after).order_by("no")[:20]):
        yield from found
        after = found[-1].no


def _wrong_header(block: Block, number: int, previous: bytes, keys: dict[str, dict[str, Any]]) -> str:
    header, leaves = header_of(block), leaves_of(block)
    if block.no != number:
        return "it is missing"
    if header.previous != previous:
        return "the one before it is another"
    if header.kid not in keys or not crypto.is_signed(header.document, bytes(block.signature), keys[header.kid]):
        return "its signature is wrong"
    if header.size != len(leaves) or header.size != len(block.transaction_ids) or header.root != merkle.root(leaves):
        return "its leaves are not those that were signed"
    return ""


def _wrong_rows(block: Block, reach: Reach) -> Iterator[Difference]:
    there = ids_between(reach, reach_of(block), limit=block.size + 1)
    found = documents(there)
    sealed = dict(zip(block.transaction_ids, leaves_of(block), strict=False))
    for transaction_id in block.transaction_ids:
        if transaction_id not in found:
            yield _row(block, transaction_id, "its row is gone or has another place")
        elif merkle.leaf(found[transaction_id]) != sealed[transaction_id]:
            yield _row(block, transaction_id, f"now {found[transaction_id].decode()}")
    for transaction_id in there:
        if transaction_id not in sealed:
            yield _row(block, transaction_id, "it was put among sealed rows")


def _row(block: Block, transaction_id: UUID, wrong: str) -> Difference:
    return Difference(ROWS, None, f"block {block.no}, transaction {transaction_id}: {wrong}")
