"""Whether a voucher works on an order, and what it takes off."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from points.vouchers import errors
from points.vouchers.rules.values import EXCLUSIVE, Counts, Offer, Order, Placed, Redeemer, Standing, Terms, Verdict
from points.vouchers.stacking import Part, share_beside
from shared.errors import DomainError


def check_open(terms: Terms, *, at: datetime) -> None:
    """Check that a campaign can be used now: active, and `starts_at <= at < ends_at`.

    :raises Expired: it is over; told before anything else, because nothing mends it.
    :raises CampaignNotActive: it is a draft, paused or ended.
    :raises NotStarted: it begins later.
    """
    if at >= terms.ends_at:
        raise errors.Expired(ends_at=terms.ends_at)
    if terms.status != "active":
        raise errors.CampaignNotActive(status_now=terms.status)
    if at < terms.starts_at:
        raise errors.NotStarted(starts_at=terms.starts_at)


def check_tier(terms: Terms, tier: str | None) -> None:
    """Check that a campaign is for members of a tier; None is that of who has none.

    :raises TierRequired: it is for those of others.
    """
    if terms.tiers and tier not in terms.tiers:
        raise errors.TierRequired(tiers=list(terms.tiers))


def check_counts(counts: Counts) -> None:
    """Check that the code, its member and its campaign each have a use left.

    :raises VoucherUsedUp: the code has none.
    :raises MemberLimitReached: the member has none.
    :raises CampaignUsedUp: the campaign has none.
    """
    if counts.uses >= counts.uses_max:
        raise errors.VoucherUsedUp(limit=counts.uses_max)
    if counts.uses_per_member is not None and counts.member_uses >= counts.uses_per_member:
        raise errors.MemberLimitReached(limit=counts.uses_per_member)
    if counts.uses_total is not None and counts.campaign_uses >= counts.uses_total:
        raise errors.CampaignUsedUp(limit=counts.uses_total)


def check_not_cancelled(cancelled_at: datetime | None) -> None:
    """Check that a voucher was not given back.

    :raises VoucherCancelled: it was.
    """
    if cancelled_at is not None:
        raise errors.VoucherCancelled()


def costs_the_same(order: Order, standing: Standing) -> bool:
    """Tell whether an order costs what it did when vouchers were used on it."""
    return (order.currency, order.total) == (standing.currency, standing.total)


def check_beside(offer: Offer, order: Order, standing: Standing, *, is_told_which: bool = False) -> None:
    """Check that a voucher may count on an order beside those that do already; the refusals name these on request.

    :raises AlreadyOnOrder: it does already.
    :raises OrderChanged: the order cost something else when the others were used.
    :raises NotStackable: it is exclusive, or another one is.
    """
    if offer.voucher_id in [other.voucher_id for other in standing.placed]:
        raise errors.AlreadyOnOrder()
    ids = [other.redemption_id for other in standing.placed]
    which: dict[str, Any] = {"redemption_ids": ids} if is_told_which else {}
    if standing.placed and not costs_the_same(order, standing):
        raise errors.OrderChanged(**which)
    if standing.placed and EXCLUSIVE in [offer.terms.stacking, *(other.terms.stacking for other in standing.placed)]:
        raise errors.NotStackable(**which)


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


def discount_of(terms: Terms, order: Order) -> int:
    """Return what the voucher takes off an order on which it is alone: never more than the order, never nothing.

    An amount is capped at the order's total; a percentage is rounded down and capped at `max_discount`.

    :raises CurrencyMismatch: the order is in another currency.
    :raises MinSpendNotReached: the order is too small.
    :raises NoDiscount: it comes to nothing.
    """
    if order.currency != terms.currency:
        raise errors.CurrencyMismatch(currency=terms.currency)
    total = order.total
    if terms.min_spend is not None and total < terms.min_spend:
        raise errors.MinSpendNotReached(min_spend={"amount": terms.min_spend, "currency": terms.currency})
    discount = min(_nominal(terms, total), total)
    if discount < 1:
        raise errors.NoDiscount()
    return discount


def _nominal(terms: Terms, total: int) -> int:
    if terms.kind == "amount":
        assert terms.amount is not None
        return terms.amount
    assert terms.percent is not None
    by_percent = total * terms.percent // 100
    return by_percent if terms.max_discount is None else min(by_percent, terms.max_discount)


def decide(
    offer: Offer, order: Order, standing: Standing | None = None, *, is_told_which: bool = False, at: datetime
) -> int:
    """Return the discount an offer gives now on an order as it stands; None is one that no voucher counts on.

    A refusal because of others names their redemptions where the caller may be told which.

    :raises DomainError: the first reason why it gives none: it was cancelled, or as in `check_open`, `check_tier`,
        `check_counts`, `check_beside`, `discount_of`.
    """
    check_not_cancelled(offer.cancelled_at)
    check_open(offer.terms, at=at)
    check_tier(offer.terms, offer.tier)
    check_counts(replace(offer.counts, uses=offer.counts.uses + offer.late_uses))
    if standing is None or not standing.placed:
        return discount_of(offer.terms, order)
    check_beside(offer, order, standing, is_told_which=is_told_which)
    discount_of(offer.terms, order)
    discount = share_beside(
        order.total,
        given=standing.discount,
        others=[_part(other.terms, other.code) for other in standing.placed],
        new=_part(offer.terms, offer.code),
    )
    if discount < 1:
        raise errors.NoDiscount()
    return discount


def _part(terms: Terms, code: str) -> Part:
    return Part((terms.priority, code), partial(_nominal, terms))


def check_holder(offer: Offer | None, redeemer: Redeemer) -> Offer:
    """Return the offer when the redeemer may use it.

    :raises VoucherNotFound: no such code, another member's, or nobody's; nothing tells which.
    """
    if offer is None or not may_use(offer, redeemer):
        raise errors.VoucherNotFound()
    return offer


def may_use(offer: Offer | None, redeemer: Redeemer) -> bool:
    """Tell whether the redeemer may use an offer: a voucher of the member it may take one of."""
    if offer is None or offer.member_id is None:
        return False
    holder = redeemer.named or (None if redeemer.may_any else redeemer.actor_id)
    is_allowed = redeemer.may_any or redeemer.merchant_id is not None or holder == redeemer.actor_id
    return is_allowed and holder in (None, offer.member_id)


def answers_for(redeemer: Redeemer, order: Order) -> bool:
    """Tell whether the redeemer knows what an order costs and what becomes of it: its merchant, or an operator."""
    return redeemer.may_any or redeemer.merchant_id == order.merchant_id


def verdict(
    offer: Offer | None, redeemer: Redeemer, order: Order, standing: Standing | None = None, *, at: datetime
) -> Verdict:
    """Return what a redemption would come to, without one."""
    try:
        return Verdict(discount=decide(check_holder(offer, redeemer), order, standing, at=at))
    except DomainError as refusal:
        return Verdict(reason=refusal.code)
