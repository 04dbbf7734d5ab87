"""Vouchers that members take for their price, their use on orders, and its end."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from points.budgets.operations import give_back, lock_spent, spend
from points.earning.rules import Spent
from points.ledger.operations import redeem_points
from points.ledger.rules.owners import voucher_claim_key
from points.members.queries import check_not_deactivated
from points.messages.outgoing import vouchers as outgoing
from points.vouchers import budgets, errors, orders, queries, rules
from points.vouchers.locks import lock_all
from points.vouchers.models import Voucher, VoucherCampaign
from points.vouchers.rules import Offer, Order, Placed, Redeemer, Redemption
from points.vouchers.tiers import Tiers, with_tier
from shared.db import Prepared, execute, rows, unit_of_work
from shared.errors import DomainError
from shared.ids import new_id
from shared.messaging.outbox import publish
from shared.postgres import optimistic

# A row that another claim holds is passed over: two members never wait for the same code.
_TAKE = """
UPDATE voucher SET member_id = %(member)s, issued_at = %(at)s, price_points = %(price)s WHERE id = (
    SELECT id FROM voucher WHERE campaign_id = %(campaign)s AND member_id IS NULL
    ORDER BY created_at, id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED)
RETURNING id, code, uses, uses_max, created_at
"""
_COUNT_CLAIM_OF_MEMBER = """
INSERT INTO voucher_member_use AS m (campaign_id, member_id, claimed, used, uses_max) VALUES (%s, %s, 1, 0, %s)
ON CONFLICT (campaign_id, member_id) DO UPDATE SET claimed = m.claimed + 1
WHERE m.uses_max IS NULL OR m.claimed < m.uses_max
"""
_COUNT_CLAIM = """
UPDATE voucher_campaign SET claimed = claimed + 1 WHERE id = %(id)s AND status = 'active'
AND starts_at <= %(at)s AND %(at)s < ends_at AND (uses_total IS NULL OR claimed < uses_total)
"""
_USE = Prepared(
    "voucher_use",
    """
SELECT voucher_use(%(redemption)s::uuid, %(voucher)s::uuid, %(campaign)s::uuid, %(member)s::uuid, %(actor)s::uuid,
    %(at)s::timestamptz, %(order)s::text, %(merchant)s::uuid, %(currency)s::text, %(total)s::bigint,
    %(discount)s::bigint, %(is_exclusive)s::boolean, %(late_uses)s::bigint, %(uses_per_member)s::integer,
    %(spent)s::jsonb, %(is_optimistic)s::boolean)
""",
)
_EVENT = "INSERT INTO voucher_redemption_event (redemption_id, kind, actor_id, at) VALUES (%s, %s, %s, %s)"


def claim_voucher(campaign_id: UUID, *, member_id: UUID, actor_id: UUID, at: datetime) -> Voucher:
    """Give a member one unassigned code of a campaign and take its price in points, both or neither.

    The price is that of the tier which the member has now; the voucher keeps it, and so does who gives it back.

    :raises NotFound: there is no such campaign, or it is a draft.
    :raises MemberDeactivated: an operator gives it to somebody who was shut out.
    :raises CampaignNotActive, NotStarted, Expired: it cannot be claimed now.
    :raises TierRequired: it is for members of other tiers.
    :raises SoldOut: no code is left.
    :raises InsufficientPoints: the member cannot pay.
    :raises MemberLimitReached: the member has as many as one may have.
    :raises CampaignUsedUp: as many are out as can ever be used.
    """
    if member_id != actor_id:
        check_not_deactivated(member_id)
    with unit_of_work():
        # Read without a lock: the price and the limits are frozen since the activation (rules.EDITABLE).
        campaign = queries.known_campaign(campaign_id)
        rules.check_open(terms := queries.terms_of(campaign), at=at)
        rules.check_tier(terms, tier := Tiers(member_id, at=at).asked_by(campaign))
        price = rules.price_of(campaign.price_points, campaign.prices, tier)
        voucher = _take_unassigned(campaign, member_id, price, at=at)
        _pay(voucher, actor_id=actor_id, at=at)
        limit = campaign.uses_per_member
        if not execute(_COUNT_CLAIM_OF_MEMBER, [campaign_id, member_id, limit]):
            raise errors.MemberLimitReached(limit=limit)
        if not execute(_COUNT_CLAIM, {"id": campaign_id, "at": at}):
            raise _closed_or_used_up(campaign_id, at=at)
        publish([outgoing.voucher_issued(voucher)], at=at)
    return voucher


def _take_unassigned(campaign: VoucherCampaign, member_id: UUID, price: int, *, at: datetime) -> Voucher:
    taken = rows(_TAKE, {"campaign": campaign.id, "member": member_id, "at": at, "price": price})
    if not taken:
        raise errors.SoldOut()
    voucher_id, code, uses, uses_max, created_at = taken[0]
    return Voucher(
        id=voucher_id,
        campaign=campaign,
        code=code,
        member_id=member_id,
        uses=uses,
        uses_max=uses_max,
        price_points=price,
        created_at=created_at,
        issued_at=at,
    )


def _pay(voucher: Voucher, *, actor_id: UUID, at: datetime) -> None:
    if not voucher.price_points:
        return
    assert voucher.member_id
    redeem_points(
        programme_id=voucher.campaign.programme_id,
        member_id=voucher.member_id,
        points=voucher.price_points,
        reference=f"voucher:{voucher.id}",
        reason="voucher claimed",
        source_key=voucher_claim_key(voucher.id),
        actor_id=actor_id,
        at=at,
    )


def _closed_or_used_up(campaign_id: UUID, *, at: datetime) -> errors.CampaignUsedUp:
    """Return why a campaign did not count one more at the very moment of counting.

    :raises DomainError: it is not open, as in `rules.check_open`.
    """
    campaign = queries.campaign(campaign_id)
    rules.check_open(queries.terms_of(campaign), at=at)
    return errors.CampaignUsedUp(limit=campaign.uses_total)


def redeem_voucher(code: str, *, redeemer: Redeemer, order: Order, at: datetime) -> Redemption:
    """Use a voucher on an order and return what it took off; two for one order are decided one after the other.

    The merchant's word about its order, or an operator's, comes before that of members: what these used by themselves
    on it while it cost something else is rolled back with this use, unless a payment used the order.

    Terms are read without a lock, because all but those that `voucher_use` checks again are frozen since the
    activation.

    :raises VoucherNotFound: there is no such voucher for the redeemer.
    :raises DomainError: it gives nothing on this order now, as in `rules.decide`.
    :raises CampaignBudgetUsedUp: its campaign's budgets have not so much left.
    """
    with unit_of_work():
        found, standing = queries.offer_on(code, order)
        offer = rules.check_holder(found, redeemer)
        if offer.terms.tiers:
            offer = with_tier(offer, at=at)
        if gone := orders.giving_way(order, standing, redeemer) if standing.placed else ():
            offer, standing = rules.released(gone, offer, standing)
        discount = rules.decide(offer, order, standing, is_told_which=rules.answers_for(redeemer, order), at=at)
        spent = budgets.reserved(offer, order, discount, gone, at=at) if offer.terms.has_budgets or gone else ()
        _release(gone, offer, redeemer, at=at)
        redemption = _redemption(offer, order, discount, redeemer, spent, at=at)
        if spent:
            spend(spent, at=at)
        _count_use(offer, redemption)
        publish([outgoing.voucher_redeemed(redemption)], at=at)
    return redemption


def _release(gone: Sequence[Placed], offer: Offer, redeemer: Redeemer, *, at: datetime) -> None:
    if gone:
        lock_all(offer, gone)
    for one in gone:
        roll_back_redemption(queries.any_redemption(one.redemption_id), actor_id=redeemer.actor_id, at=at)


def _redemption(
    offer: Offer, order: Order, discount: int, redeemer: Redeemer, spent: tuple[Spent, ...], *, at: datetime
) -> Redemption:
    assert offer.member_id
    return Redemption(
        id=new_id(),
        voucher_id=offer.voucher_id,
        campaign_id=offer.campaign_id,
        member_id=offer.member_id,
        order_id=order.id,
        order_total=order.total,
        discount=discount,
        currency=order.currency,
        status="redeemed",
        redeemed_by=redeemer.actor_id,
        merchant_id=order.merchant_id,
        redeemed_at=at,
        spent=spent,
    )


def _count_use(offer: Offer, redemption: Redemption) -> None:
    """Write a redemption and count it, each limit at the very moment of counting.

    Where whoever runs this runs it again after a conflict, it goes with the commit: so short is the campaign locked.
    """
    values = {
        "redemption": redemption.id,
        "voucher": redemption.voucher_id,
        "campaign": redemption.campaign_id,
        "member": redemption.member_id,
        "actor": redemption.redeemed_by,
        "at": redemption.redeemed_at,
        "order": redemption.order_id,
        "merchant": redemption.merchant_id,
        "currency": redemption.currency,
        "total": redemption.order_total,
        "discount": redemption.discount,
        "is_exclusive": offer.terms.stacking == rules.EXCLUSIVE,
        "late_uses": offer.late_uses,
        "uses_per_member": offer.counts.uses_per_member,
        "spent": msgspec.json.encode(redemption.spent).decode() if redemption.spent else None,
        "is_optimistic": (is_optimistic := optimistic.is_open()),
    }
    if is_optimistic:
        _USE.later(values)
    elif lacking := _USE.rows(values)[0][0]:
        raise _refusal(lacking, offer, at=redemption.redeemed_at)


def _refusal(lacking: str, offer: Offer, *, at: datetime) -> DomainError:
    """Return why a use could not be counted, by what `voucher_use` says had no room for it."""
    if lacking == "voucher":
        # Used up or cancelled since it was read.
        rules.check_not_cancelled(queries.cancelled_at(offer.voucher_id))
        return errors.VoucherUsedUp(limit=offer.counts.uses_max)
    if lacking == "order":
        return errors.AlreadyOnOrder()
    if lacking == "member":
        return errors.MemberLimitReached(limit=offer.counts.uses_per_member)
    return _closed_or_used_up(offer.campaign_id, at=at)


def roll_back_redemption(
    redemption: Redemption, *, actor_id: UUID, of_unpaid: bool = False, at: datetime
) -> Redemption:
    """Give a redemption's use back to the voucher, its member, its campaign, its order and budgets, once.

    With `of_unpaid` only while no payment used the order: whoever redeemed for it knows what became of it, a member
    who redeemed for themselves would use one voucher for many orders.

    :raises AlreadyRolledBack: that was done before.
    :raises OrderPaid: a payment used it.
    :raises ReleasedRecently: its member released the voucher a moment ago, and the payment may be under way.
    """
    with unit_of_work():
        # Order, budgets and voucher first, as everywhere; the redemption's row then decides.
        orders.release(redemption)
        lock_spent(redemption.spent)
        execute("UPDATE voucher SET uses = uses - 1 WHERE id = %s AND uses > 0", [redemption.voucher_id])
        if not execute(
            "UPDATE voucher_redemption SET status = 'rolled_back', rolled_back_at = %s, is_released = %s"
            " WHERE id = %s AND status = 'redeemed'",
            [at, of_unpaid, redemption.id],
        ):
            raise errors.AlreadyRolledBack()
        if of_unpaid:
            _release_unpaid(redemption, at=at)
        execute(
            "UPDATE voucher_member_use SET used = used - 1 WHERE campaign_id = %s AND member_id = %s",
            [redemption.campaign_id, redemption.member_id],
        )
        execute("UPDATE voucher_campaign SET used = used - 1 WHERE id = %s", [redemption.campaign_id])
        give_back(redemption.spent, at=at)
        execute(_EVENT, [redemption.id, "rolled_back", actor_id, at])
        publish([outgoing.voucher_released(redemption, at=at)], at=at)
    return queries.rolled_back(redemption, at=at)


def _release_unpaid(redemption: Redemption, *, at: datetime) -> None:
    if orders.is_paid(redemption.order_id, redemption.merchant_id):
        raise errors.OrderPaid()
    rules.check_released(queries.released_at(redemption.voucher_id), at=at)
    execute("UPDATE voucher SET released_at = %s WHERE id = %s", [at, redemption.voucher_id])
