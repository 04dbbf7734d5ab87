"""Closing what has committed into blocks."""

import logging
from datetime import datetime
from uuid import UUID

from points.seals import crypto
from points.seals.models import Block, SealKey
from points.seals.queries import committed_after, documents, header_of, last_block, oldest_running_xid, reach_of
from points.seals.rules import merkle
from points.seals.rules.documents import NO_BLOCK, Header
from shared.db import rows, unit_of_work

log = logging.getLogger(__name__)

BLOCK = 1024


def seal_all(*, at: datetime, blocks: int = 100) -> int:
    """Seal what has committed, in at most so many blocks; return how many transactions it were."""
    sealed = 0
    for _ in range(blocks):
        size = seal_next(at=at)
        sealed += size
        if size < BLOCK:
            break
    return sealed


def seal_next(*, at: datetime) -> int:
    """Close the next transactions that have committed into a block; return how many it has.

    Nothing of the ledger is written or locked. Where another sealer is at it, there is nothing to do.
    """
    with unit_of_work():
        if not rows("SELECT pg_try_advisory_xact_lock(hashtext('points.seal'))")[0][0]:
            return 0
        last = last_block()
        found = committed_after(reach_of(last), limit=BLOCK)
        if not found:
            _warn_of_a_younger_database(last)
            return 0
        ids = [one.id for one in found]
        sealed = documents(ids)
        leaves = [merkle.leaf(sealed[transaction_id]) for transaction_id in ids]
        header = _header(last, leaves, *found[-1], at=at)
        _write(header, ids, leaves)
    return len(ids)


def _header(last: Block | None, leaves: list[bytes], xid: int, transaction_id: UUID, *, at: datetime) -> Header:
    return Header(
        no=last.no + 1 if last else 1,
        previous=header_of(last).hash if last else NO_BLOCK,
        root=merkle.root(leaves),
        size=len(leaves),
        last_xid=xid,
        last_id=transaction_id,
        sealed_at=at,
        kid=_key_name(at=at),
    )


def _key_name(*, at: datetime) -> str:
    jwk = crypto.public_jwk(crypto.private_key())
    kid: str = jwk["kid"]
    SealKey.objects.bulk_create([SealKey(kid=kid, public_jwk=jwk, created_at=at)], ignore_conflicts=True)
    return kid


def _write(header: Header, ids: list[UUID], leaves: list[bytes]) -> None:
    Block.objects.create(
        no=header.no,
        previous=header.previous,
        root=header.root,
        size=header.size,
        last_xid=header.last_xid,
        last_id=header.last_id,
        sealed_at=header.sealed_at,
        kid=header.kid,
        signature=crypto.private_key().sign(header.document),
        transaction_ids=ids,
        leaves=b"".join(leaves),
    )


def _warn_of_a_younger_database(last: Block | None) -> None:
    """Say that a restored database counts from the start: what it posts now lies below what is sealed."""
    if last and oldest_running_xid() <= last.last_xid:
        log.error("seals.database_is_younger", extra={"last_xid": last.last_xid})
