"""What points says of vouchers."""

from datetime import datetime
from uuid import UUID

from shared.contracts.base import Contract


class VoucherCampaignChanged(Contract, frozen=True, kw_only=True):
    """A voucher campaign was made or changed; this is how it is now."""

    NAME = "voucher_campaign_changed"
    PRODUCER = "points"

    campaign_id: UUID
    name: str
    kind: str
    status: str
    changed_at: datetime


class VoucherIssued(Contract, frozen=True, kw_only=True):
    """A voucher belongs to a member now; `price_points` is what it cost. Codes are not told."""

    NAME = "voucher_issued"
    PRODUCER = "points"

    voucher_id: UUID
    campaign_id: UUID
    member_id: UUID
    price_points: int
    issued_at: datetime


class VoucherRedeemed(Contract, frozen=True, kw_only=True):
    """A voucher was used on an order and took `discount` off it."""

    NAME = "voucher_redeemed"
    PRODUCER = "points"

    redemption_id: UUID
    voucher_id: UUID
    campaign_id: UUID
    member_id: UUID
    order_id: str
    discount: int
    currency: str
    redeemed_at: datetime


class VoucherReleased(Contract, frozen=True, kw_only=True):
    """A redemption was rolled back; the use is free again."""

    NAME = "voucher_released"
    PRODUCER = "points"

    redemption_id: UUID
    voucher_id: UUID
    campaign_id: UUID
    member_id: UUID
    released_at: datetime


class VoucherCancelled(Contract, frozen=True, kw_only=True):
    """An unused voucher was given back for its price of `price_points`; its code is nobody's again."""

    NAME = "voucher_cancelled"
    PRODUCER = "points"

    voucher_id: UUID
    campaign_id: UUID
    member_id: UUID
    price_points: int
    cancelled_at: datetime
