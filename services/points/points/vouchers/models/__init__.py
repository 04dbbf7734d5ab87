"""Tables of vouchers. Every limit is a constraint of the row that counts towards it."""

from points.vouchers.models.campaigns import CodeJob, CodePattern, VoucherCampaign
from points.vouchers.models.redemptions import (
    VoucherOrder,
    VoucherOrderPayment,
    VoucherRedemption,
    VoucherRedemptionEvent,
)
from points.vouchers.models.vouchers import FailedAttempt, Voucher, VoucherMemberUse

__all__ = [
    "CodeJob",
    "CodePattern",
    "FailedAttempt",
    "Voucher",
    "VoucherCampaign",
    "VoucherMemberUse",
    "VoucherOrder",
    "VoucherOrderPayment",
    "VoucherRedemption",
    "VoucherRedemptionEvent",
]
