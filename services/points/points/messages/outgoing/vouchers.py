"""From facts about vouchers to the messages that publish them. Codes are secrets and never published."""

from datetime import datetime

from points.vouchers.models import Voucher, VoucherCampaign
from points.vouchers.rules import Redemption
from shared.contracts import vouchers as contracts


def voucher_campaign_changed(campaign: VoucherCampaign) -> contracts.VoucherCampaignChanged:
    """Return the message that a campaign was made or changed."""
    return contracts.VoucherCampaignChanged(
        campaign_id=campaign.id,
        name=campaign.name,
        kind=campaign.kind,
        status=campaign.status,
        changed_at=campaign.changed_at,
    )


def voucher_issued(voucher: Voucher) -> contracts.VoucherIssued:
    """Return the message that a voucher belongs to a member now."""
    assert voucher.member_id
    assert voucher.issued_at
    return contracts.VoucherIssued(
        voucher_id=voucher.id,
        campaign_id=voucher.campaign_id,
        member_id=voucher.member_id,
        price_points=voucher.price_points,
        issued_at=voucher.issued_at,
    )


def voucher_redeemed(redemption: Redemption) -> contracts.VoucherRedeemed:
    """Return the message that a voucher was used on an order."""
    return contracts.VoucherRedeemed(
        redemption_id=redemption.id,
        voucher_id=redemption.voucher_id,
        campaign_id=redemption.campaign_id,
        member_id=redemption.member_id,
        order_id=redemption.order_id,
        discount=redemption.discount,
        currency=redemption.currency,
        redeemed_at=redemption.redeemed_at,
    )


def voucher_released(redemption: Redemption, *, at: datetime) -> contracts.VoucherReleased:
    """Return the message that a redemption was rolled back."""
    return contracts.VoucherReleased(
        redemption_id=redemption.id,
        voucher_id=redemption.voucher_id,
        campaign_id=redemption.campaign_id,
        member_id=redemption.member_id,
        released_at=at,
    )


def voucher_cancelled(voucher: Voucher) -> contracts.VoucherCancelled:
    """Return the message that a voucher was given back for its price."""
    assert voucher.member_id
    assert voucher.cancelled_at
    return contracts.VoucherCancelled(
        voucher_id=voucher.id,
        campaign_id=voucher.campaign_id,
        member_id=voucher.member_id,
        price_points=voucher.price_points,
        cancelled_at=voucher.cancelled_at,
    )
