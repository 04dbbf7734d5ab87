"""Locks of what one use of a voucher changes where others leave its order with it."""

from collections.abc import Sequence

from points.vouchers.rules import Offer, Placed
from shared.db import execute


def lock_all(offer: Offer, gone: Sequence[Placed]) -> None:
    """Lock the rows of all vouchers, members' counts and campaigns, in the one order of all locks; the order is locked.

    One use after the other would lock a campaign before the next one's voucher. Whoever holds a voucher has a count.
    """
    assert offer.member_id
    for voucher_id in sorted({offer.voucher_id, *(one.voucher_id for one in gone)}):
        execute("SELECT FROM voucher WHERE id = %s FOR NO KEY UPDATE", [voucher_id])
    counts = {(offer.campaign_id, offer.member_id), *((one.campaign_id, one.member_id) for one in gone)}
    for count in sorted(counts):
        execute("SELECT FROM voucher_member_use WHERE campaign_id = %s AND member_id = %s FOR NO KEY UPDATE", count)
    for campaign_id in sorted({campaign_id for campaign_id, _ in counts}):
        execute("SELECT FROM voucher_campaign WHERE id = %s FOR NO KEY UPDATE", [campaign_id])
