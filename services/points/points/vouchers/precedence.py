"""Whose word about an order counts: its merchant's or an operator's, before what members say by themselves."""

from collections.abc import Sequence
from dataclasses import replace

from points.vouchers.rules import Offer, Order, Placed, Standing, costs_the_same


def giving_way(order: Order, standing: Standing) -> Sequence[Placed]:
    """Return the vouchers that members used by themselves on an order which cost something else, as they said."""
    if costs_the_same(order, standing):
        return ()
    return [one for one in standing.placed if one.redeemed_by == one.member_id]


def released(gone: Sequence[Placed], offer: Offer, standing: Standing) -> tuple[Offer, Standing]:
    """Return an offer and an order as they are when these vouchers have left it, with their uses given back."""
    same = [one for one in gone if one.campaign_id == offer.campaign_id]
    counts = replace(
        offer.counts,
        uses=offer.counts.uses - sum(one.voucher_id == offer.voucher_id for one in same),
        member_uses=offer.counts.member_uses - sum(one.member_id == offer.member_id for one in same),
        campaign_uses=offer.counts.campaign_uses - len(same),
    )
    return replace(offer, counts=counts), replace(standing, placed=[one for one in standing.placed if one not in gone])
