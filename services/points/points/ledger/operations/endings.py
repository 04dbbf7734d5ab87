"""The postings that end lots whose time has passed."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from points.ledger.queries import DueLot
from points.ledger.rules.values import Kind, Known, Lot, Posting
from shared.ids import new_ids


def expiries(lots: Sequence[DueLot], at: datetime) -> list[Posting]:
    """Return the postings that end lots whose time has passed."""
    return [_expiry(lot, posting_id, at) for lot, posting_id in zip(lots, new_ids(len(lots)), strict=True)]


def _expiry(lot: DueLot, posting_id: UUID, at: datetime) -> Posting:
    return Posting(
        id=posting_id,
        kind=Kind.EXPIRED,
        programme_id=lot.programme_id,
        member_id=lot.member_id,
        points=0,
        reference=f"lot:{lot.id}",
        reason="expired",
        # With the account's version: two runs that saw the same lot end it once, and one that gets points
        # back by a reversal may end a second time.
        source_key=f"expiry:{lot.id}:{lot.version}",
        occurred_at=min(lot.expires_at, at),
        lots=(lot.id,),
        known=Known(lot.version, (Lot(lot.id, lot.remaining, lot.expires_at, lot.number, lot.expires_on),)),
    )
