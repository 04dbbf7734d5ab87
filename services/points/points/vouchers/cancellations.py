"""Giving a bought voucher back for its price."""

from datetime import datetime
from uuid import UUID

from points.ledger.operations import undo_voucher_claim
from points.messages import outgoing_vouchers as outgoing
from points.vouchers import queries, rules
from points.vouchers.models import Voucher
from shared.db import unit_of_work
from shared.messaging.outbox import tell


def cancel_voucher(code: str, *, member_id: UUID | None, actor_id: UUID, at: datetime) -> Voucher:
    """Withdraw an unused voucher for good and give its price back, both or neither; the points keep their ends.

    `member_id` None cancels anybody's. Who redeems it at the same moment comes before, or finds it cancelled.

    :raises VoucherNotFound: no such code, or not this member's.
    :raises VoucherCancelled, VoucherNotBought, VoucherUsed, Expired: as in `rules.check_cancellable`.
    :raises ReleasedRecently: its member took it off an order a moment ago, whose payment may be under way.
    :raises MemberMerged: its member was merged into another.
    """
    with unit_of_work():
        voucher = queries.lock_voucher(queries.voucher(code, member_id=member_id).id)
        rules.check_cancellable(
            queries.terms_of(voucher.campaign),
            price_points=voucher.price_points,
            uses=voucher.uses + queries.late_uses(voucher.id),
            cancelled_at=voucher.cancelled_at,
            at=at,
        )
        rules.check_released(voucher.released_at, at=at)
        voucher.cancelled_at = at
        voucher.save(update_fields=["cancelled_at"])
        undo_voucher_claim(voucher.id, actor_id=actor_id, at=at)
        tell([outgoing.voucher_cancelled(voucher)], at=at)
    return voucher
