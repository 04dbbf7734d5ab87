"""Giving a bought voucher back for its price."""

from datetime import datetime
from uuid import UUID

from points.ledger.errors import MemberMerged
from points.ledger.merges import aliases, earlier_members
from points.ledger.operations import undo_voucher_claim
from points.messages.outgoing import vouchers as outgoing
from points.vouchers import queries, rules
from points.vouchers.models import Voucher
from shared.db import unit_of_work
from shared.messaging.outbox import publish


def cancel_voucher(code: str, *, member_id: UUID | None, actor_id: UUID, at: datetime) -> Voucher:
    """Withdraw an unused voucher for good and give its price back, both or neither; the points keep their ends.

    `member_id` None cancels anybody's. The voucher of a member who was merged is whose their points are now, who gets
    the price. Who redeems it at the same moment comes before, or finds it cancelled.

    :raises VoucherNotFound: no such code, or not this member's.
    :raises VoucherCancelled, VoucherNotBought, VoucherUsed, Expired: as in `rules.check_cancellable`.
    :raises ReleasedRecently: its member took it off an order a moment ago, whose payment may be under way.
    :raises MemberMerged: whoever asks was merged into another, or its member was at the same moment.
    :raises BalanceTooLarge: the account of the member of today would leave the range that the ledger can count.
    """
    with unit_of_work():
        voucher = queries.lock_voucher(_found(code, member_id).id)
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
        publish([outgoing.voucher_cancelled(voucher)], at=at)
    return voucher


def _found(code: str, member_id: UUID | None) -> Voucher:
    if member_id is None:
        return queries.voucher(code, of=None)
    # Asked before the code is looked up: it takes the same for codes that are not there.
    earlier, into = earlier_members(member_id), aliases([member_id]).get(member_id)
    found = queries.voucher(code, of=[member_id, *earlier])
    if into:
        raise MemberMerged(member_id=str(member_id), merged_into=str(into))
    return found
