"""Writes of vouchers: campaigns, claim, redeem, roll back.

Row locks are taken in one order everywhere: order → voucher → points account → redemption → member's count →
campaign. The campaign's row is shared by all its members, so it is taken last and held shortest. Every
limit is one conditional update, and the number of rows it changed decides.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from points.ledger.operations import redeem_points
from points.ledger.rules.owners import voucher_claim_key
from points.members.queries import check_not_deactivated
from points.messages import outgoing_vouchers as outgoing
from points.vouchers import errors, orders, precedence, queries, rules
from points.vouchers.locks import lock_all
from points.vouchers.models import Voucher, VoucherCampaign
from points.vouchers.rules import Offer, Order, Placed, Redeemer, Redemption
from shared.db import execute, rows, unit_of_work
from shared.errors import NotFound
from shared.ids import new_id
from shared.messaging.outbox import tell

# A row that another claim holds is passed over: two members never wait for the same code.
_TAKE = """
UPDATE voucher SET member_id = %(member)s, issued_at = %(at)s, price_points = %(price)s WHERE id = (
    SELECT id FROM voucher WHERE campaign_id = %(campaign)s AND member_id IS NULL
    ORDER BY created_at, id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED)
RETURNING id, code, uses, uses_max, created_at
"""
_COUNT_MEMBER = """
INSERT INTO voucher_member_use AS m (campaign_id, member_id, claimed, used, uses_max) VALUES (%s, %s, {one}, %s)
ON CONFLICT (campaign_id, member_id) DO UPDATE SET {column} = m.{column} + 1
WHERE m.uses_max IS NULL OR m.{column} < m.uses_max
"""
_COUNT_CLAIM_OF_MEMBER = _COUNT_MEMBER.format(column="claimed", one="1, 0")
_COUNT_USE_OF_MEMBER = _COUNT_MEMBER.format(column="used", one="0, 1")
_COUNT_CAMPAIGN = """
UPDATE voucher_campaign SET {column} = {column} + 1 WHERE id = %(id)s AND status = 'active'
AND starts_at <= %(at)s AND %(at)s < ends_at AND (uses_total IS NULL OR {column} < uses_total)
"""
_COUNT_CLAIM = _COUNT_CAMPAIGN.format(column="claimed")
_COUNT_USE = _COUNT_CAMPAIGN.format(column="used")
_USE = "UPDATE voucher SET uses = uses + 1 WHERE id = %s AND uses + %s < uses_max AND cancelled_at IS NULL"
_REDEMPTION = tuple(Redemption.__dataclass_fields__)
_INSERT_REDEMPTION = f"""
INSERT INTO voucher_redemption ({", ".join(_REDEMPTION)}) VALUES ({", ".join(["%s"] * len(_REDEMPTION))})
ON CONFLICT (order_id, merchant_id, voucher_id) WHERE status = 'redeemed' DO NOTHING
"""
_EVENT = "INSERT INTO voucher_redemption_event (redemption_id, kind, actor_id, at) VALUES (%s, %s, %s, %s)"


def create_campaign(*, fields: Mapping[str, Any], at: datetime) -> VoucherCampaign:
    """Make a campaign, as a draft.

    :raises CampaignTermsInvalid: its terms contradict each other.
    """
    campaign = VoucherCampaign(**fields, status="draft", created_at=at, changed_at=at)
    rules.check_terms(queries.terms_of(campaign))
    with unit_of_work():
        campaign.save(force_insert=True)
        tell([outgoing.voucher_campaign_changed(campaign)], at=at)
    return campaign


def change_campaign(campaign_id: UUID, *, changes: Mapping[str, Any], at: datetime) -> VoucherCampaign:
    """Change a campaign; once it was activated only its name, end and total limit.

    :raises NotFound: there is none.
    :raises CampaignFrozen: one of the fields can no longer be changed.
    :raises CampaignTermsInvalid: its terms would contradict each other.
    :raises LimitBelowUse: more was used or claimed already.
    """
    with unit_of_work():
        campaign = _lock_campaign(campaign_id)
        rules.check_editable(campaign.status, list(changes))
        for name, value in changes.items():
            setattr(campaign, name, value)
        rules.check_terms(queries.terms_of(campaign))
        rules.check_limits(uses_total=campaign.uses_total, used=campaign.used, claimed=campaign.claimed)
        return _save(campaign, list(changes), at=at)


def move_campaign(campaign_id: UUID, *, wished: str, at: datetime) -> VoucherCampaign:
    """Bring a campaign to another status; where it is there already, nothing happens.

    :raises NotFound: there is none.
    :raises MoveNotAllowed: its present status does not allow it.
    """
    with unit_of_work():
        campaign = _lock_campaign(campaign_id)
        if not rules.check_move(campaign.status, wished):
            return campaign
        campaign.status = wished
        return _save(campaign, ["status"], at=at)


def _lock_campaign(campaign_id: UUID) -> VoucherCampaign:
    campaign = VoucherCampaign.objects.select_for_update(no_key=True).filter(id=campaign_id).first()
    if campaign is None:
        raise NotFound()
    return campaign


def _save(campaign: VoucherCampaign, fields: list[str], *, at: datetime) -> VoucherCampaign:
    campaign.changed_at = at
    campaign.save(update_fields=[*fields, "changed_at"])
    tell([outgoing.voucher_campaign_changed(campaign)], at=at)
    return campaign


def claim_voucher(campaign_id: UUID, *, member_id: UUID, actor_id: UUID, at: datetime) -> Voucher:
    """Give a member one unassigned code of a campaign and take its price in points, both or neither.

    :raises NotFound: there is no such campaign, or it is a draft.
    :raises MemberDeactivated: an operator gives it to somebody who was shut out.
    :raises CampaignNotActive, NotStarted, Expired: it cannot be claimed now.
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
        rules.check_open(queries.terms_of(campaign), at=at)
        voucher = _take_unassigned(campaign, member_id, at=at)
        _pay(voucher, actor_id=actor_id, at=at)
        limit = campaign.uses_per_member
        if not execute(_COUNT_CLAIM_OF_MEMBER, [campaign_id, member_id, limit]):
            raise errors.MemberLimitReached(limit=limit)
        _count_campaign(_COUNT_CLAIM, campaign_id, at=at)
        tell([outgoing.voucher_issued(voucher)], at=at)
    return voucher


def _take_unassigned(campaign: VoucherCampaign, member_id: UUID, *, at: datetime) -> Voucher:
    price = campaign.price_points
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


def _count_campaign(statement: str, campaign_id: UUID, *, at: datetime) -> None:
    """Count one claim or use, if the campaign is open and has one left at the very moment of counting."""
    if execute(statement, {"id": campaign_id, "at": at}):
        return
    campaign = queries.campaign(campaign_id)
    rules.check_open(queries.terms_of(campaign), at=at)
    raise errors.CampaignUsedUp(limit=campaign.uses_total)


def redeem_voucher(code: str, *, redeemer: Redeemer, order: Order, at: datetime) -> Redemption:
    """Use a voucher on an order and return what it took off; two for one order are decided one after the other.

    The merchant's word about its order, or an operator's, comes before that of members: what these used by themselves
    on it while it cost something else is rolled back with this use, unless a payment used the order.

    Terms are read without a lock, because all but those that the last update checks again are frozen
    since the activation.

    :raises VoucherNotFound: there is no such voucher for the redeemer.
    :raises DomainError: it gives nothing on this order now, as in `rules.decide`.
    """
    with unit_of_work():
        offer, standing = rules.check_holder(queries.offer_of(code), redeemer), orders.locked_standing(order)
        gone = orders.giving_way(order, standing, redeemer)
        offer, standing = precedence.released(gone, offer, standing)
        discount = rules.decide(offer, order, standing, is_told_which=redeemer.answers_for(order), at=at)
        _release(gone, offer, redeemer, at=at)
        redemption = _redemption(offer, order, discount, redeemer, at=at)
        _count_use(offer, redemption)
        execute(_EVENT, [redemption.id, "redeemed", redeemer.actor_id, at])
        tell([outgoing.voucher_redeemed(redemption)], at=at)
    return redemption


def _release(gone: Sequence[Placed], offer: Offer, redeemer: Redeemer, *, at: datetime) -> None:
    if gone:
        lock_all(offer, gone)
    for one in gone:
        roll_back_redemption(queries.any_redemption(one.redemption_id), actor_id=redeemer.actor_id, at=at)


def _redemption(offer: Offer, order: Order, discount: int, redeemer: Redeemer, *, at: datetime) -> Redemption:
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
    )


def _count_use(offer: Offer, redemption: Redemption) -> None:
    counts, campaign_id = offer.counts, offer.campaign_id
    if not execute(_USE, [offer.voucher_id, offer.late_uses]):
        # Used up or cancelled since it was read.
        rules.check_not_cancelled(queries.cancelled_at(offer.voucher_id))
        raise errors.VoucherUsedUp(limit=counts.uses_max)
    if not execute(_INSERT_REDEMPTION, [getattr(redemption, name) for name in _REDEMPTION]):
        raise errors.AlreadyOnOrder()
    orders.count(redemption, offer.terms)
    if not execute(_COUNT_USE_OF_MEMBER, [campaign_id, redemption.member_id, counts.uses_per_member]):
        raise errors.MemberLimitReached(limit=counts.uses_per_member)
    _count_campaign(_COUNT_USE, campaign_id, at=redemption.redeemed_at)


def roll_back_redemption(
    redemption: Redemption, *, actor_id: UUID, of_unpaid: bool = False, at: datetime
) -> Redemption:
    """Give a redemption's use back to the voucher, its member, its campaign and its order, once.

    With `of_unpaid` only while no payment used the order: whoever redeemed for it knows what became of it, a member
    who redeemed for themselves would use one voucher for many orders.

    :raises AlreadyRolledBack: that was done before.
    :raises OrderPaid: a payment used it.
    :raises ReleasedRecently: its member released the voucher a moment ago, and the payment may be under way.
    """
    with unit_of_work():
        # Order and voucher first, as everywhere; the redemption's row then decides.
        orders.release(redemption)
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
        execute(_EVENT, [redemption.id, "rolled_back", actor_id, at])
        tell([outgoing.voucher_released(redemption, at=at)], at=at)
    return queries.rolled_back(redemption, at=at)


def _release_unpaid(redemption: Redemption, *, at: datetime) -> None:
    if orders.is_paid(redemption.order_id, redemption.merchant_id):
        raise errors.OrderPaid()
    rules.check_released(queries.released_at(redemption.voucher_id), at=at)
    execute("UPDATE voucher SET released_at = %s WHERE id = %s", [at, redemption.voucher_id])
